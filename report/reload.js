// Added to each page by `latentes serve`: the page loads anew when the site was written anew.
new EventSource("/cambios").onmessage = () => location.reload();
