// An address that changes while its page stays takes the place of the one before: only another page is a step back.

export default function ({ data, parentElement, setStateValue }) {
  if (!Object.hasOwn(history, "pushState")) replaceEntries(window)
  if (!data?.answer || Object.hasOwn(parentElement, "answered")) return
  parentElement.answered = true // once: an answer asks for a run, which draws this anew
  setStateValue("ready", true)
}

function replaceEntries({ history, location }) {
  const push = history.pushState.bind(history)
  // what the entry said when the visitor last did something, if it says something else by now
  let before = null
  for (const kind of ["pointerdown", "keydown", "click", "popstate"])
    window.addEventListener(kind, () => (before = null), { capture: true })
  history.pushState = (state, title, url) => {
    const next = new URL(url ?? "", location.href)
    if (next.origin === location.origin && next.pathname === location.pathname) {
      before ??= location.href
      history.replaceState(state, title, url)
      return
    }
    // Streamlit may take up what a new page writes before it takes up the new page: the page that is left gets its own
    // address back
    if (before !== null && next.search === location.search) history.replaceState(history.state, "", before)
    before = null
    push(state, title, url)
  }
}
