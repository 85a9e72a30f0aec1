/** Hands a file to whoever sits before the browser. */

// The browser reads the file after the click; a minute is plenty.
const READ_MS = 60_000;

/** Save a text, just as it is. */
export function saveText(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), READ_MS);
}
