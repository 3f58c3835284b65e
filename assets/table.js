/* Tables that sort and open in place. One listener for the whole document, since Dash draws tables after this file loads.
   Markup comes from dashboard/components/tables.py:
     th[aria-sort] > button.cb-sort          sorts by its column; td[data-sort] holds the value, absent when unknown
     tr[data-key] button.cb-open             shows or hides the rows tr[data-parent=<key>]
     tr.cb-total                             stays last */
(function () {
  "use strict";

  function sortValue(row, column) {
    var cell = row.cells[column];
    var value = cell ? cell.getAttribute("data-sort") : null;
    return value === null || value === "" ? null : value;
  }

  function compare(a, b, isNumber, direction) {
    // Unknown stays at the end whichever way the rest is sorted.
    if (a === null || b === null) return (a === null) - (b === null);
    return direction * (isNumber ? Number(a) - Number(b) : a.localeCompare(b, document.documentElement.lang || undefined));
  }

  function sortTable(button) {
    var head = button.closest("th");
    var table = head.closest("table");
    var body = table.tBodies[0];
    var column = head.cellIndex;
    var isNumber = head.classList.contains("cb-number");
    var current = head.getAttribute("aria-sort");
    // Numbers are mostly asked for as "most first", names from the beginning.
    var next = current === "none" ? (isNumber ? "descending" : "ascending") : current === "ascending" ? "descending" : "ascending";
    Array.prototype.forEach.call(head.parentNode.cells, function (cell) {
      if (cell.hasAttribute("aria-sort")) cell.setAttribute("aria-sort", cell === head ? next : "none");
    });
    var direction = next === "ascending" ? 1 : -1;
    var rows = Array.prototype.slice.call(body.rows);
    var order = function (a, b) {
      return compare(sortValue(a, column), sortValue(b, column), isNumber, direction);
    };
    var totals = rows.filter(function (row) { return row.classList.contains("cb-total"); });
    var tops = rows.filter(function (row) { return !row.hasAttribute("data-parent") && !row.classList.contains("cb-total"); });
    var children = {};
    rows.forEach(function (row) {
      var parent = row.getAttribute("data-parent");
      if (parent !== null) (children[parent] = children[parent] || []).push(row);
    });
    tops.sort(order).forEach(function (row) {
      body.appendChild(row);
      (children[row.getAttribute("data-key")] || []).sort(order).forEach(function (child) { body.appendChild(child); });
    });
    totals.forEach(function (row) { body.appendChild(row); });
  }

  function toggleRow(button) {
    var row = button.closest("tr");
    var key = row.getAttribute("data-key");
    var isOpen = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", isOpen ? "false" : "true");
    Array.prototype.forEach.call(row.parentNode.rows, function (other) {
      if (other.getAttribute("data-parent") === key) other.hidden = isOpen;
    });
  }

  document.addEventListener("click", function (event) {
    var target = event.target instanceof Element ? event.target : null;
    var sorter = target && target.closest("button.cb-sort");
    var opener = target && target.closest("button.cb-open");
    if (sorter) sortTable(sorter);
    if (opener) toggleRow(opener);
  });
})();
