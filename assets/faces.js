/* A page that fails answers with its face and the status of the failure. Dash draws answers of status 200 only, so the face
   is handed on as one; anything else that fails stays a failure. */
(function () {
  "use strict";

  var CALLBACK = "/_dash-update-component";
  var ask = window.fetch;

  function isFace(response) {
    var kind = response.headers.get("Content-Type") || "";
    return response.status >= 500 && kind.indexOf("application/json") === 0;
  }

  window.fetch = function (resource, options) {
    var asked = ask.call(window, resource, options);
    var address = typeof resource === "string" ? resource : resource.url || String(resource);
    if (address.indexOf(CALLBACK) < 0) return asked;
    return asked.then(function (response) {
      return isFace(response) ? new Response(response.body, { status: 200, headers: response.headers }) : response;
    });
  };
})();
