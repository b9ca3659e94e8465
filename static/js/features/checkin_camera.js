// Reads QR codes from the camera, with the browser's own reader where there is one, else with the vendored one.
const EVERY = 120; // milliseconds between two looks
const QUIET = 3000; // the same code is not read again within this time

const loadReader = (address) =>
  new Promise((resolve, reject) => {
    if (globalThis.jsQR) return resolve();
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => resolve();
    script.onerror = () => reject(new Error("no reader"));
    return document.head.append(script);
  });

const ownReader = async () => {
  if (!("BarcodeDetector" in globalThis)) return null;
  const formats = await globalThis.BarcodeDetector.getSupportedFormats().catch(() => []);
  return formats.includes("qr_code") ? new globalThis.BarcodeDetector({ formats: ["qr_code"] }) : null;
};

// `found(text)` is called for every code read. Returns a function that stops; throws when the camera is not allowed.
const startCamera = async (video, decoder, found) => {
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } },
  });
  const own = await ownReader();
  if (!own) await loadReader(decoder);
  video.srcObject = stream;
  await video.play();
  const canvas = document.createElement("canvas");
  const paper = canvas.getContext("2d", { willReadFrequently: true });
  let last = { text: "", at: 0 };
  let running = true;

  const read = async () => {
    const scale = Math.min(1, 640 / Math.max(video.videoWidth, video.videoHeight, 1));
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    if (!canvas.width || !canvas.height) return "";
    if (own) return ((await own.detect(video).catch(() => []))[0] || {}).rawValue || "";
    paper.drawImage(video, 0, 0, canvas.width, canvas.height);
    const image = paper.getImageData(0, 0, canvas.width, canvas.height);
    return (globalThis.jsQR(image.data, image.width, image.height) || {}).data || "";
  };

  const look = async () => {
    if (!running) return;
    const text = await read();
    const now = performance.now();
    if (text && (text !== last.text || now - last.at > QUIET)) found(text);
    if (text) last = { text, at: now };
    setTimeout(look, EVERY);
  };
  look();
  return () => {
    running = false;
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  };
};

globalThis.checkin = { ...globalThis.checkin, startCamera };
