/* Tables, drawn from the data that dashboard/components/tables.py puts into the attribute data-table of their frames:
     {caption, shows_caption, columns: [[label, isNumber, note]], sorted: [column, direction] | null,
      rows: [[cells, children, isTotal]], reasons: [text]}
   with cells [text, sort, share, tone, reason] cut behind the last part that says something, or the text alone.
   Rows that a town opens are drawn when it is opened. Everything is set as text, never as markup. */
(function () {
  "use strict";

  var ATTRIBUTE = "data-table";

  function element(name, className, text) {
    var made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function part(cell, index) {
    if (!Array.isArray(cell)) return index === 0 ? cell : null;
    return cell[index] === undefined ? null : cell[index];
  }

  function button(className, text) {
    var made = element("button", className, text);
    made.type = "button";
    return made;
  }

  function drawHead(table) {
    var row = element("tr");
    table.columns.forEach(function (column, index) {
      var head = element("th", column[1] ? "cb-number" : "");
      head.scope = "col";
      head.setAttribute("aria-sort", table.sorted && table.sorted[0] === index ? table.sorted[1] : "none");
      var sorter = button("cb-sort", column[0]);
      if (column[2]) sorter.title = column[2];
      sorter.addEventListener("click", function () { sortBy(table, index); });
      head.appendChild(sorter);
      row.appendChild(head);
    });
    var section = element("thead");
    section.appendChild(row);
    table.heads = row.cells;
    return section;
  }

  function drawName(table, row, cell) {
    var head = element("th");
    head.scope = "row";
    if (!row.children.length) {
      head.textContent = part(cell, 0);
      return head;
    }
    var opener = button("cb-open", part(cell, 0));
    opener.setAttribute("aria-expanded", "false");
    opener.addEventListener("click", function () { toggle(table, row, opener); });
    head.appendChild(opener);
    return head;
  }

  function drawCell(table, cell, isNumber) {
    var share = part(cell, 2), tone = part(cell, 3), reason = part(cell, 4);
    var classes = isNumber ? ["cb-number"] : [];
    var made = element("td", "", part(cell, 0));
    if (tone) classes.push("cb-tone-" + tone);
    if (share !== null) {
      classes.push("cb-bar");
      if (tone === "warn") classes.push("cb-bar--warn");
      made.style.setProperty("--share", share);
    }
    if (reason !== null) {
      classes.push("cb-unknown");
      made.title = table.reasons[reason];
      made.appendChild(element("span", "cb-visually-hidden", table.reasons[reason]));
    }
    if (classes.length) made.className = classes.join(" ");
    return made;
  }

  function drawRow(table, row, className) {
    var made = element("tr", className);
    row.cells.forEach(function (cell, index) {
      made.appendChild(index ? drawCell(table, cell, table.columns[index][1]) : drawName(table, row, cell));
    });
    row.drawn = made;
    return made;
  }

  function rowOf(told) {
    return { cells: told[0], children: (told[1] || []).map(rowOf), isTotal: told[2] === true, isOpen: false, drawn: null };
  }

  function compare(column, isNumber, direction) {
    return function (one, other) {
      var a = part(one.cells[column], 1), b = part(other.cells[column], 1);
      // Unknown stays at the end whichever way the rest is sorted, and the total below everything.
      if (one.isTotal || other.isTotal) return one.isTotal - other.isTotal;
      if (a === null || b === null) return (a === null) - (b === null);
      return direction * (isNumber ? a - b : String(a).localeCompare(String(b), languageOfPage()));
    };
  }

  function languageOfPage() {
    var frame = document.querySelector(".cb-frame");
    return (frame && frame.lang) || undefined;
  }

  function place(table) {
    table.rows.forEach(function (row) {
      table.body.appendChild(row.drawn || drawRow(table, row, row.isTotal ? "cb-total" : ""));
      row.children.forEach(function (child) {
        if (row.isOpen) table.body.appendChild(child.drawn || drawRow(table, child, "cb-below"));
        else if (child.drawn) child.drawn.remove();
      });
    });
  }

  function sortBy(table, column) {
    var isNumber = table.columns[column][1];
    var current = table.heads[column].getAttribute("aria-sort");
    // Numbers are mostly asked for as "most first", names from the beginning.
    var first = isNumber ? "descending" : "ascending";
    var next = current === "none" ? first : current === "ascending" ? "descending" : "ascending";
    Array.prototype.forEach.call(table.heads, function (head, index) {
      head.setAttribute("aria-sort", index === column ? next : "none");
    });
    var order = compare(column, isNumber, next === "ascending" ? 1 : -1);
    table.rows.sort(order);
    table.rows.forEach(function (row) { row.children.sort(order); });
    var focused = document.activeElement;
    place(table);
    if (focused) focused.focus({ preventScroll: true });
  }

  function toggle(table, row, opener) {
    row.isOpen = !row.isOpen;
    opener.setAttribute("aria-expanded", String(row.isOpen));
    var next = row.drawn.nextSibling;
    row.children.forEach(function (child) {
      if (row.isOpen) table.body.insertBefore(child.drawn || drawRow(table, child, "cb-below"), next);
      else child.drawn.remove();
    });
  }

  function draw(frame) {
    var told = frame.getAttribute(ATTRIBUTE);
    if (frame.cbTold === told) return;
    frame.cbTold = told;
    var table = JSON.parse(told);
    table.rows = table.rows.map(rowOf);
    table.body = element("tbody");
    var made = element("table", "cb-table");
    made.appendChild(element("caption", table.shows_caption ? "" : "cb-visually-hidden", table.caption));
    made.appendChild(drawHead(table));
    made.appendChild(table.body);
    place(table);
    frame.replaceChildren(made);
  }

  function look(node) {
    if (!(node instanceof Element)) return;
    if (node.hasAttribute(ATTRIBUTE)) draw(node);
    node.querySelectorAll("[" + ATTRIBUTE + "]").forEach(draw);
  }

  // Dash puts frames into the document, and reuses them for other data, whenever it likes.
  new MutationObserver(function (changes) {
    changes.forEach(function (change) {
      if (change.type === "attributes") look(change.target);
      else change.addedNodes.forEach(look);
    });
  }).observe(document.documentElement, { childList: true, subtree: true, attributes: true, attributeFilter: [ATTRIBUTE] });
  look(document.documentElement);
})();
