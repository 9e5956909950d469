/** The licence that a model card's front matter names, as it stands there; undefined where it names none. */
export function licenceInCard(card: string): string | undefined {
  const matter = /^﻿?---\r?\n([\s\S]*?)(?:\r?\n---|$)/.exec(card)?.[1] ?? '';
  const named = lineOf(matter, 'license_name');
  const licence = lineOf(matter, 'license');
  const found = licence === 'other' ? (named ?? licence) : (licence ?? named);
  return found?.slice(0, 60);
}

function lineOf(matter: string, key: string): string | undefined {
  const line = new RegExp(`^${key}:[ \\t]*(?:-[ \\t]*)?(.*)$`, 'm').exec(matter)?.[1]?.trim();
  const value = line?.replace(/^(['"])(.*)\1$/, '$2').trim();
  return value === '' ? undefined : value;
}
