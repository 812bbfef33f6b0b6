/* Redoc over our own description of the API. It writes its styles into the page, with the nonce of the page's policy; its
   search would run in a worker made of a blob, which the policy refuses. */
const place = document.getElementById("redoc");

Redoc.init(place.dataset.schema, { nonce: place.dataset.nonce, disableSearch: true, nativeScrollbars: true }, place);
