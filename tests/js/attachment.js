// Files as Element sends them: encrypted before the upload, decrypted after the download.

import attachments from "matrix-encrypt-attachment";

/** Encrypt a file, upload it and tell the room of it. */
export async function sendFile(device, roomId, text, name) {
  const plain = new TextEncoder().encode(text);
  const { data, info } = await attachments.encryptAttachment(plain.buffer);
  const { content_uri } = await device.client.uploadContent(new Blob([data]), {
    type: "application/octet-stream",
    includeFilename: false,
  });
  const { event_id } = await device.client.sendMessage(roomId, {
    msgtype: "m.file",
    body: name,
    info: { size: plain.length, mimetype: "text/plain" },
    file: { ...info, url: content_uri },
  });
  return event_id;
}

/** Download the file that an event tells of, and decrypt it. */
export async function openFile(device, event) {
  const { file } = event.getContent();
  const data = await download(device, file.url);
  return new TextDecoder().decode(await attachments.decryptAttachment(data, file));
}

/** Download a file as the server holds it. */
export async function download(device, mxc) {
  const url = device.client.mxcUrlToHttp(mxc, undefined, undefined, undefined, false, true, true);
  const headers = { Authorization: `Bearer ${device.client.getAccessToken()}` };
  const answer = await fetch(url, { headers });
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
  return await answer.arrayBuffer();
}
