// Bytes → frames: the inverse of packing.py.

function unpack(bytes) {
  const buffer = bytes.slice().buffer; // a copy starts at 0, so that typed arrays are aligned
  const [message, body] = header(buffer, 0);
  message.frame = open(buffer, body).frame(0);
  if (message.strip) Object.assign(message.strip, open(buffer, body + message.frameBytes));
  return message;

  function header(buffer, at) {
    const length = new DataView(buffer).getUint32(at, true);
    const json = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, at + 4, length)));
    if ("frame" in json) json.frameBytes = json.frame;
    return [json, at + 4 + length];
  }

  function open(buffer, at) {
    const [{ pool, roots }, base] = header(buffer, at);
    const made = [];
    const decode = (node) => {
      if (node === null || typeof node !== "object") return node;
      if (Array.isArray(node)) return node.map(decode);
      if ("@" in node) return (made[node["@"]] ??= mapValues(pool[node["@"]], decode));
      return array(buffer, base, node);
    };
    return { frame: (i) => decode(roots[i]) };
  }
}

const ARRAYS = { float32: Float32Array, int16: Int16Array, int8: Int8Array };

function array(buffer, base, { $: dtype, at, shape, scale }) {
  const count = shape.reduce((a, b) => a * b, 1);
  const values = new ARRAYS[dtype](buffer, base + at, count);
  return shape.length === 1 ? values : { values, shape, scale: scale ?? 1, missing: dtype === "int8" ? -128 : NaN };
}

const mapValues = (object, f) => Object.fromEntries(Object.entries(object).map(([k, v]) => [k, f(v, k)]));
