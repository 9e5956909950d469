// What of a Mach-O file does not change when it is signed (mach-o/loader.h, mach/machine.h).
import { createHash } from 'node:crypto';

const MAGIC_64 = 0xfeedfacf;
const CPU_ARM64 = 0x0100000c;
const LC_SEGMENT_64 = 0x19;
const HEADER = 32;
const SEGMENT = 72;
const SECTION = 80;
/** `S_ZEROFILL`, `S_GB_ZEROFILL`, `S_THREAD_LOCAL_ZEROFILL`: sections without bytes in the file. */
const ZERO_FILL = [0x1, 0xc, 0x12];

/** Whether it is a 64-bit file for Apple silicon. */
export function isArm64(bytes) {
  return (
    bytes.length > HEADER &&
    bytes.readUInt32LE(0) === MAGIC_64 &&
    bytes.readUInt32LE(4) === CPU_ARM64
  );
}

/**
 * The SHA-256 of its code and data. codesign(1) rewrites load commands, the segment `__LINKEDIT` and what follows it,
 * and nothing else, so this stays when the file is signed anew.
 * @throws Error where it is no 64-bit Mach-O file for Apple silicon, or is cut short.
 */
export function hashOfSections(bytes) {
  if (!isArm64(bytes)) throw new Error('It is no program for Apple silicon.');
  const hash = createHash('sha256');
  for (const { offset, size } of sectionsOf(bytes)) {
    if (offset + size > bytes.length) throw new Error('The file is cut short.');
    hash.update(bytes.subarray(offset, offset + size));
  }
  return hash.digest('hex');
}

function sectionsOf(bytes) {
  const sections = [];
  const count = bytes.readUInt32LE(16);
  let at = HEADER;
  for (let command = 0; command < count; command++) {
    const size = bytes.readUInt32LE(at + 4);
    if (bytes.readUInt32LE(at) === LC_SEGMENT_64) {
      const inSegment = bytes.readUInt32LE(at + 64);
      for (let index = 0; index < inSegment; index++) {
        const section = at + SEGMENT + index * SECTION;
        if (ZERO_FILL.includes(bytes.readUInt32LE(section + 64) & 0xff)) continue;
        sections.push({
          offset: bytes.readUInt32LE(section + 48),
          size: Number(bytes.readBigUInt64LE(section + 40)),
        });
      }
    }
    at += size;
  }
  return sections;
}
