/** Tells the banner that the member asked to be erased, or keeps the account. */

const NEWS = "teahouse:erasure";

export function tellErasureChanged(): void {
  dispatchEvent(new Event(NEWS));
}

/** @returns stops listening. */
export function onErasureChanged(listener: () => void): () => void {
  addEventListener(NEWS, listener);
  return () => removeEventListener(NEWS, listener);
}
