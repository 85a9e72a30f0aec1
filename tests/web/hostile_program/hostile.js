import { ask, begin, maySend, mayRead } from "/miniprograms/sdk/1/teahouse.js";

const told = {};
const attempt = async (name, deed) => {
  try {
    told[name] = `went through: ${JSON.stringify(await deed())}`;
  } catch (error) {
    told[name] = "failed";
  }
};

const approved = await begin([maySend("m.room.message"), mayRead("m.room.message")]);
told.capabilities = approved.size === 0 ? "failed" : "went through";
await attempt("fetch", async () => (await fetch("/api/v1/house")).status);
await attempt("outside", async () => (await fetch("https://example.org/")).status);
await attempt("socket", () => new Promise((resolve, reject) => {
  const socket = new WebSocket(`ws://${location.host}/`);
  socket.onopen = resolve;
  socket.onerror = reject;
}));
await attempt("picture", () => new Promise((resolve, reject) => {
  const picture = new Image();
  picture.onload = resolve;
  picture.onerror = reject;
  picture.src = "/icon.svg?stolen";
}));
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
