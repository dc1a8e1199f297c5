/** The work itself: what one message asks for. */
export function work({ text }) {
  const words = text.split(/\s+/).filter(Boolean).length;
  return { words };
}
