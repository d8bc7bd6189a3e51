// Colours as three numbers of 0..255, and numbers as short texts.

function colourOf(hues, i) {
  return hues[i % hues.length]
}

function parse(colour) {
  const hex = colour.replace("#", "")
  if (/^[0-9a-f]{6}$/i.test(hex)) return [0, 2, 4].map((i) => parseInt(hex.slice(i, i + 2), 16))
  const found = colour.match(/[\d.]+/g)
  return found && found.length >= 3 ? found.slice(0, 3).map(Number) : [255, 255, 255]
}

function mix(a, b, t) {
  return [0, 1, 2].map((i) => Math.round(a[i] * (1 - t) + b[i] * t))
}

function css([r, g, b], alpha = 1) {
  return `rgba(${r}, ${g}, ${b}, ${alpha})`
}

function luminance(colour) {
  const [r, g, b] = colour.map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

// a number around zero in few letters: without the zero in front, and from 1 on with one digit behind the point
function share(value) {
  const size = Math.abs(value)
  return size < 0.005 ? "0" : size < 0.995 ? value.toFixed(2).replace("0.", ".") : value.toFixed(1)
}

function short(value, size) {
  if (Number.isInteger(value) && Math.abs(value) < 1000) return String(value)
  return Math.abs(value) >= 1000 ? value.toExponential(0) : value.toFixed(size > 36 && Math.abs(value) < 100 ? 2 : 1)
}

function floats(packed) {
  return packed ? new Float32Array(Uint8Array.from(atob(packed), (c) => c.charCodeAt(0)).buffer) : null
}

function number(value, digits = 5) {
  if (!Number.isFinite(value)) return "not defined"
  if (Number.isInteger(value)) return String(value)
  const size = Math.abs(value)
  return size >= 1e5 || size < 1e-4 ? value.toExponential(digits - 2) : String(Number(value.toPrecision(digits)))
}
