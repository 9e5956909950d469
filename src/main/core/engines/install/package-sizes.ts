/** What one package weighs. */
export interface PackageSize {
  /** Bytes of the file that is fetched. */
  readonly download: number;
  /** Bytes of its files once they are installed. */
  readonly disk: number;
}

/** By the package's name, as the locked lists write it. */
export type PackageSizes = ReadonlyMap<string, PackageSize>;

/** A list of `NAME DOWNLOAD DISK` lines, as scripts/lock-engines.mjs writes it; other lines are left out. */
export function readSizes(text: string): PackageSizes {
  const lines = [...text.matchAll(/^([\w.-]+) (\d+) (\d+)$/gm)];
  return new Map(
    lines.map(([, name = '', download, disk]) => [
      name,
      { download: Number(download), disk: Number(disk) },
    ]),
  );
}

/** What these packages weigh together; undefined for none, and where one of them was not measured. */
export function sumOfSizes(
  sizes: PackageSizes,
  names: readonly string[] = [...sizes.keys()],
): PackageSize | undefined {
  const known = names.flatMap((name) => sizes.get(name) ?? []);
  if (known.length === 0 || known.length < names.length) return undefined;
  return known.reduce((sum, { download, disk }) => ({
    download: sum.download + download,
    disk: sum.disk + disk,
  }));
}
