/** A machine, by the names that Node has for it. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
}

/** Bytes that {@link builtFor} needs of a program: a file for several processors names up to three of them. */
export const BINARY_HEAD = 68;

/** `e_machine` of an ELF file (elf(5)). */
const ELF_MACHINES: Readonly<Record<number, string>> = {
  3: 'ia32',
  40: 'arm',
  62: 'x64',
  183: 'arm64',
};
/** `cputype` of a Mach-O file (mach/machine.h). */
const MACH_MACHINES: Readonly<Record<number, string>> = { 16777223: 'x64', 16777228: 'arm64' };

const ELF = 0x7f454c46;
/** The first four bytes of a 64-bit Mach-O file, and of one for several processors, read from the left. */
const MACH_64 = 0xcffaedfe;
const MACH_FAT = 0xcafebabe;
const FAT_HEADER = 8;
const FAT_ENTRY = 20;
const MOST_FAT_ENTRIES = 3;

/** The machines that a program is built for, by its first bytes; undefined where they tell none. */
export function builtFor(head: Buffer): Machine[] | undefined {
  if (head.length < 20) return undefined;
  switch (head.readUInt32BE(0)) {
    case ELF: {
      const isLittle = head[5] === 1;
      const machine = isLittle ? head.readUInt16LE(18) : head.readUInt16BE(18);
      return [{ platform: 'linux', arch: ELF_MACHINES[machine] ?? `machine ${machine}` }];
    }
    case MACH_64:
      return [machMachine(head.readUInt32LE(4))];
    case MACH_FAT: {
      const count = head.readUInt32BE(4);
      // Java's class files begin with the same bytes, and a version that is far higher.
      if (count === 0 || count > MOST_FAT_ENTRIES) return undefined;
      const entries = Array.from({ length: count }, (_, index) => FAT_HEADER + index * FAT_ENTRY);
      if (head.length < FAT_HEADER + count * FAT_ENTRY) return undefined;
      return entries.map((at) => machMachine(head.readUInt32BE(at)));
    }
    default:
      return undefined;
  }
}

function machMachine(type: number): Machine {
  return { platform: 'darwin', arch: MACH_MACHINES[type] ?? `machine ${type}` };
}

/** Whether one of them is this machine. Intel programs on Apple silicon do not count: MLX does not run in them. */
export function isFor(machines: readonly Machine[], here: Machine): boolean {
  return machines.some(({ platform, arch }) => platform === here.platform && arch === here.arch);
}

const SYSTEMS: Readonly<Record<string, string>> = { darwin: 'macOS', linux: 'Linux' };
const PROCESSORS: Readonly<Record<string, string>> = {
  arm64: 'ARM',
  x64: 'Intel',
  ia32: '32-bit Intel',
};

/** `macOS on Intel`. */
export function machineText({ platform, arch }: Machine): string {
  return `${SYSTEMS[platform] ?? platform} on ${PROCESSORS[arch] ?? arch}`;
}
