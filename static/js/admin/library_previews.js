// Small pictures of files that are not in the library yet, drawn here; one at a time, for photographs are large.
let queue = Promise.resolve();

async function draw(file, canvas) {
  const whole = await createImageBitmap(file, { resizeWidth: canvas.width * 2, resizeQuality: "medium" });
  const side = Math.min(whole.width, whole.height);
  const [left, top] = [(whole.width - side) / 2, (whole.height - side) / 2];
  canvas.getContext("2d").drawImage(whole, left, top, side, side, 0, 0, canvas.width, canvas.height);
  whole.close();
}

function drawType(file, canvas) {
  const context = canvas.getContext("2d");
  const style = getComputedStyle(canvas);
  const ending = /\.([a-z0-9]{1,5})$/i.exec(file.name)?.[1] ?? "file";
  context.font = `600 30px ${style.fontFamily}`;
  context.fillStyle = style.color;
  context.textAlign = "center";
  context.fillText(ending.toUpperCase(), canvas.width / 2, canvas.height / 2 + 10);
}

// Squares of what the browser can show; its type for everything else.
export function drawSmall(file, canvas) {
  queue = queue
    .then(() => (file.type.startsWith("image/") && file.type !== "image/svg+xml" ? draw(file, canvas) : drawType(file, canvas)))
    .catch(() => drawType(file, canvas));
  return queue;
}

// The whole picture, as wide as the canvas is; resolves to its width and height, or to null for what cannot be shown.
export async function drawWhole(file, canvas) {
  try {
    const facts = await createImageBitmap(file);
    const { width, height } = facts;
    canvas.width = Math.min(width, 960);
    canvas.height = Math.max(1, Math.round((canvas.width * height) / width));
    canvas.getContext("2d").drawImage(facts, 0, 0, canvas.width, canvas.height);
    facts.close();
    return { width, height };
  } catch {
    return null;
  }
}
