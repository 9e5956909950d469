/** What the single executable holds beside its main script, by name (scripts/executable.mjs). */
export interface PackedFiles {
  /** @throws when there is none of this name. */
  text(name: string): string;
}

/** Undefined where the program is run from files: from its source, built under Node, or under Electron. */
export function packedFiles(): PackedFiles | undefined {
  // Not imported: a Node that was built without this module, as Electron's may be, could then not start the program.
  const sea = process.getBuiltinModule('node:sea');
  return sea?.isSea() ? { text: (name) => sea.getAsset(name, 'utf8') } : undefined;
}
