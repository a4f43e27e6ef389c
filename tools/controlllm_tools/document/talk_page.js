const film = document.querySelector("video");
for (const link of document.querySelectorAll("a[data-at]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    film.currentTime = Number(link.dataset.at);
    film.play();
    film.scrollIntoView({ behavior: "smooth", block: "center" });
  });
}
