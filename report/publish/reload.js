// Added to every page by `latentes serve`: reloads the page once the site has been rewritten.
const version = new URL(document.currentScript.src).search;
new EventSource("/cambios" + version).onmessage = () => location.reload();
