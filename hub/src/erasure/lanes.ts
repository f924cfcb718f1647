/** Whose turn it is to write which table of the lake: tables are written anew among their own writers. */

/** The lane of a table's writers. */
export function laneOf(table: string): string {
  const [schema = '', name = ''] = table.replaceAll('"', '').split('.');
  if (schema === 'raw') return `exchange:${name.replace('_', '.').replaceAll('_', '-')}`;
  if (schema === 'lib' || schema === 'rf') return 'libraries';
  if (schema === 'thm') return 'themes';
  if (schema === 'lst') return 'lists';
  if (schema === 'vfy') return 'verify';
  if (schema === 'shr') return 'sharing';
  if (schema === 'sub') return 'subscriptions';
  return 'exchange:erasure';
}
