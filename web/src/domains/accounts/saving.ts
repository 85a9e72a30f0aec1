/** Saves a text as a file on this device. */
export function saveText(text: string, name: string): void {
  const link = document.createElement("a");
  const address = URL.createObjectURL(new Blob([`${text}\n`], { type: "text/plain" }));
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
