/** Where the application lies, as far as it matters: what is not kept there is not found again. */
export type AppPlace = 'kept' | 'disk-image' | 'translocated';

/**
 * Where a program lies, by the path of its executable. A disk image is mounted below /Volumes, which other disks are
 * too: those that hold applications for good are told apart by being writable. macOS runs an application that was
 * downloaded and not moved by a person from a random place of its own (App Translocation).
 */
export function appPlace(executable: string, isWritable: boolean): AppPlace {
  if (/\/AppTranslocation\//.test(executable)) return 'translocated';
  return executable.startsWith('/Volumes/') && !isWritable ? 'disk-image' : 'kept';
}

/** Why it should be moved, as a sentence; undefined where it may stay. */
export function whyMove(place: AppPlace): string | undefined {
  switch (place) {
    case 'disk-image':
      return 'MLX Manager is running from its disk image.';
    case 'translocated':
      return "macOS is running MLX Manager from a temporary location because it hasn't been moved since it was downloaded.";
    case 'kept':
      return undefined;
  }
}
