/** What one page of the console says of itself (pages.ts), and the parts of the navigation. */
/** Parts of the navigation, in order. */
export const areas = [
  'overview',
  'cockpits',
  'map',
  'sensing',
  'events',
  'command',
  'exchange',
  'catalogue',
  'sharing',
  'gateway',
  'open',
  'peers',
  'forms',
  'refinery',
  'libraries',
  'credit',
  'lists',
  'archives',
  'assessment',
  'trust',
  'system',
] as const;
export type Area = (typeof areas)[number];

export interface PageEntry {
  path: string;
  /** Key of the title in the texts, below `titles`. */
  title: string;
  /** Any of these opens the page; empty: everyone who is signed in. */
  permissions: readonly string[];
  area: Area | 'account';
  /** Whether the navigation shows it. */
  nav: boolean;
  /** Path of the page that it belongs under, for the way back. */
  parent?: string;
  /** Opens without an account too. */
  public?: true;
}

/** The code of a page; what it draws is the router's matter, so that the programs' tests can read the table of pages. */
export type PageModule = Promise<{ default: unknown }>;
