// How many times as large as usual the type of the page is: what is drawn in pixels grows with the rest in the
// presenter's view, whose type is larger.
function typeSize() {
  return parseFloat(getComputedStyle(document.documentElement).fontSize) / 16
}
