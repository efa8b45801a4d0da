// Added to each page by `latentes serve`: the page loads anew when the site was written anew since.
const seen = new URL(document.currentScript.src).search;
new EventSource("/cambios" + seen).onmessage = () => location.reload();
