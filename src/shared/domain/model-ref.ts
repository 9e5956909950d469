/** What a model reference points at. */
export function modelRefKind(ref: string): 'demo' | 'none' | 'folder' | 'hub' | 'invalid' {
  if (ref === 'demo' || ref === 'none') return ref;
  if (ref.startsWith('/')) return 'folder';
  // Hugging Face repository ids: letters, digits, -, _, . ; no leading or trailing - or . ; no -- or ..
  const part = /^(?![-.])(?!.*(?:--|\.\.))[A-Za-z0-9._-]{1,96}(?<![-.])$/;
  const parts = ref.split('/');
  return parts.length === 2 && parts.every((p) => part.test(p)) ? 'hub' : 'invalid';
}
