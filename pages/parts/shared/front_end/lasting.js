// The object that draws in one place of a page: made when the place is new, and the same for as long as it is there.

const drawing = new WeakMap()

// That object, and what a component returns so that it stops with its place. Streamlit also calls this for an update
// that a newer one has overtaken, while the place stays: then what a person has done there would be forgotten.
function lasting(place, begin, stop = () => {}) {
  if (!drawing.has(place)) drawing.set(place, begin())
  const lasts = drawing.get(place)
  const end = () => {
    if (place.isConnected) return
    stop(lasts)
    drawing.delete(place)
  }
  return [lasts, end]
}
