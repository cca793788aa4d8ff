// What the judges of this folder have in common.

import { crc32 } from "node:zlib";

// check prints a line for what is right, and ends the judge for what is not.
export function check(name, ok, got) {
  if (!ok) throw new Error(`${name}: got ${JSON.stringify(got)}`);
  console.log("ok", name);
}

// failure returns what a call fails with.
export async function failure(name, call) {
  let answer;
  try {
    answer = await call();
  } catch (e) {
    return e;
  }
  throw new Error(`${name}: no error but ${JSON.stringify(answer)}`);
}

// run runs a judge. The first thing that is wrong ends the process with 1.
export async function run(judge) {
  try {
    await judge();
  } catch (e) {
    console.error("WRONG", e.message);
    process.exitCode = 1;
  }
}

// makeZip packs files, given as an object of texts, without compression,
// written by hand: Node has no packer.
export function makeZip(files) {
  const locals = [];
  const centrals = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const data = Buffer.from(text);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0); // version needed
    fields.writeUInt16LE(0x21, 8); // 1980-01-01
    fields.writeUInt32LE(crc32(data), 10);
    fields.writeUInt32LE(data.length, 14);
    fields.writeUInt32LE(data.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), fields, Buffer.from(name), data]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    centrals.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x00"), fields, rest, Buffer.from(name)]));
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(centrals);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(locals.length, 4);
  end.writeUInt16LE(locals.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, central, Buffer.from("PK\x05\x06"), end]);
}

// crc64 is CRC-64/XZ in decimal, bit by bit.
export function crc64(data) {
  let crc = 0xffffffffffffffffn;
  for (const byte of data) {
    crc ^= BigInt(byte);
    for (let i = 0; i < 8; i++) crc = crc & 1n ? (crc >> 1n) ^ 0xc96c5795d7870f42n : crc >> 1n;
  }
  return String(crc ^ 0xffffffffffffffffn);
}

// runnable says whether this machine can run the functions of the judges: they
// are for Node.js 20, and the sandbox takes an interpreter of that version.
export const runnable = process.version.startsWith("v20.");
