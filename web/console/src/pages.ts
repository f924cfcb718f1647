/**
 * Every page of the console: where it lives, what it is called, who may open it and where it stands in the navigation.
 * The router, the navigation and the tests are all made from this table. Plain data: no browser is needed to read it.
 */

/** Parts of the navigation, in order. */
export const areas = [
  'overview',
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

export const pages = [
  { path: '/', title: 'overview', permissions: ['overview.read'], area: 'overview', nav: true },
  { path: '/exchange/sources', title: 'sources', permissions: ['exchange.read'], area: 'exchange', nav: true },
  {
    path: '/exchange/sources/$source',
    title: 'source',
    permissions: ['exchange.read'],
    area: 'exchange',
    nav: false,
    parent: '/exchange/sources',
  },
  { path: '/exchange/runs', title: 'runs', permissions: ['exchange.read'], area: 'exchange', nav: true },
  {
    path: '/exchange/runs/$run',
    title: 'run',
    permissions: ['exchange.read'],
    area: 'exchange',
    nav: false,
    parent: '/exchange/runs',
  },
  { path: '/exchange/quarantine', title: 'quarantine', permissions: ['exchange.read'], area: 'exchange', nav: true },
  { path: '/catalogue/entries', title: 'entries', permissions: ['catalogue.read'], area: 'catalogue', nav: true },
  {
    path: '/catalogue/desk',
    title: 'entry-desk',
    permissions: ['catalogue.draft', 'catalogue.approve', 'catalogue.review'],
    area: 'catalogue',
    nav: true,
  },
  { path: '/catalogue/repeats', title: 'entry-repeats', permissions: ['catalogue.read'], area: 'catalogue', nav: true },
  {
    path: '/catalogue/import',
    title: 'entry-import',
    permissions: ['catalogue.draft', 'catalogue.review'],
    area: 'catalogue',
    nav: false,
    parent: '/catalogue/desk',
  },
  {
    path: '/catalogue/new',
    title: 'entry-new',
    permissions: ['catalogue.draft', 'catalogue.review'],
    area: 'catalogue',
    nav: false,
    parent: '/catalogue/desk',
  },
  {
    path: '/catalogue/entries/$entry',
    title: 'entry',
    permissions: ['catalogue.read'],
    area: 'catalogue',
    nav: false,
    parent: '/catalogue/entries',
  },
  {
    path: '/catalogue/entries/$entry/edit',
    title: 'entry-edit',
    permissions: ['catalogue.draft', 'catalogue.review'],
    area: 'catalogue',
    nav: false,
    parent: '/catalogue/entries/$entry',
  },
  { path: '/catalogue/resources', title: 'resources', permissions: ['catalogue.read'], area: 'catalogue', nav: true },
  {
    path: '/catalogue/resources/$resource',
    title: 'resource',
    permissions: ['catalogue.read'],
    area: 'catalogue',
    nav: false,
    parent: '/catalogue/resources',
  },
  {
    path: '/catalogue/organisations',
    title: 'organisations',
    permissions: ['catalogue.read'],
    area: 'catalogue',
    nav: true,
  },
  { path: '/sharing/desk', title: 'sharing-desk', permissions: ['sharing.read'], area: 'sharing', nav: true },
  { path: '/sharing/requests', title: 'sharing-requests', permissions: ['sharing.read'], area: 'sharing', nav: true },
  {
    path: '/sharing/requests/$request',
    title: 'sharing-request',
    permissions: ['sharing.read'],
    area: 'sharing',
    nav: false,
    parent: '/sharing/requests',
  },
  { path: '/sharing/new', title: 'sharing-new', permissions: ['sharing.request'], area: 'sharing', nav: true },
  { path: '/sharing/shares', title: 'sharing-shares', permissions: ['sharing.read'], area: 'sharing', nav: true },
  {
    path: '/sharing/shares/$share',
    title: 'sharing-share',
    permissions: ['sharing.read'],
    area: 'sharing',
    nav: false,
    parent: '/sharing/shares',
  },
  {
    path: '/sharing/oversight',
    title: 'sharing-oversight',
    permissions: ['sharing.oversee'],
    area: 'sharing',
    nav: true,
  },
  {
    path: '/sharing/deputies',
    title: 'sharing-deputies',
    permissions: ['sharing.approve'],
    area: 'sharing',
    nav: true,
  },
  { path: '/refinery/quality', title: 'quality', permissions: ['refinery.read'], area: 'refinery', nav: true },
  { path: '/refinery/profile', title: 'profile', permissions: ['refinery.read'], area: 'refinery', nav: true },
  { path: '/refinery/review', title: 'review', permissions: ['refinery.review'], area: 'refinery', nav: true },
  { path: '/linkage', title: 'linkage', permissions: ['linkage.review'], area: 'refinery', nav: true },
  {
    path: '/linkage/$library/review',
    title: 'linkage-review',
    permissions: ['linkage.review'],
    area: 'refinery',
    nav: false,
    parent: '/linkage',
  },
  {
    path: '/linkage/$library/disagreements',
    title: 'disagreements',
    permissions: ['linkage.manage'],
    area: 'refinery',
    nav: false,
    parent: '/linkage',
  },
  {
    path: '/linkage/$library/open',
    title: 'open-rows',
    permissions: ['linkage.manage'],
    area: 'refinery',
    nav: false,
    parent: '/linkage',
  },
  {
    path: '/linkage/$library/versions',
    title: 'linkage-versions',
    permissions: ['linkage.manage'],
    area: 'refinery',
    nav: false,
    parent: '/linkage',
  },
  {
    path: '/linkage/$library/explain',
    title: 'explain',
    permissions: ['linkage.manage'],
    area: 'refinery',
    nav: false,
    parent: '/linkage',
  },
  { path: '/libraries', title: 'libraries', permissions: ['library.read'], area: 'libraries', nav: true },
  {
    path: '/libraries/$library',
    title: 'library',
    permissions: ['library.read'],
    area: 'libraries',
    nav: false,
    parent: '/libraries',
  },
  {
    path: '/libraries/$library/$entity',
    title: 'library-entity',
    permissions: ['library.read'],
    area: 'libraries',
    nav: false,
    parent: '/libraries/$library',
  },
  { path: '/addresses', title: 'addresses', permissions: ['library.read'], area: 'libraries', nav: true },
  { path: '/economy', title: 'economy', permissions: ['economy.read'], area: 'libraries', nav: true },
  {
    path: '/grading',
    title: 'economy-grading',
    permissions: ['economy.detail'],
    area: 'libraries',
    nav: true,
  },
  {
    path: '/economy/enterprises/$entity',
    title: 'economy-sheet',
    permissions: ['economy.detail'],
    area: 'libraries',
    nav: false,
    parent: '/economy',
  },
  {
    path: '/economy/$dimension/$code',
    title: 'economy-part',
    permissions: ['economy.read'],
    area: 'libraries',
    nav: false,
    parent: '/economy',
  },
  { path: '/themes', title: 'themes', permissions: ['library.read'], area: 'libraries', nav: true },
  {
    path: '/themes/$theme',
    title: 'theme',
    permissions: ['library.read'],
    area: 'libraries',
    nav: false,
    parent: '/themes',
  },
  {
    path: '/themes/$theme/$entity',
    title: 'theme-member',
    permissions: ['library.read'],
    area: 'libraries',
    nav: false,
    parent: '/themes/$theme',
  },
  { path: '/credit/search', title: 'search', permissions: ['credit.search'], area: 'credit', nav: true },
  {
    path: '/credit/enterprises/$entity',
    title: 'enterprise',
    permissions: ['credit.read'],
    area: 'credit',
    nav: false,
    parent: '/credit/search',
  },
  { path: '/credit/persons', title: 'persons', permissions: ['person.read'], area: 'credit', nav: true },
  {
    path: '/credit/persons/$person',
    title: 'person',
    permissions: ['person.read'],
    area: 'credit',
    nav: false,
    parent: '/credit/persons',
  },
  { path: '/credit/classes', title: 'classes', permissions: ['credit.read'], area: 'credit', nav: true },
  { path: '/lists', title: 'lists', permissions: ['lists.read'], area: 'lists', nav: true },
  { path: '/lists/$list', title: 'list', permissions: ['lists.read'], area: 'lists', nav: false, parent: '/lists' },
  { path: '/verifications', title: 'verifications', permissions: ['verify.run'], area: 'lists', nav: true },
  {
    path: '/verifications/$id',
    title: 'verification',
    permissions: ['verify.run'],
    area: 'lists',
    nav: false,
    parent: '/verifications',
  },
  { path: '/corrections', title: 'corrections', permissions: ['lists.read'], area: 'lists', nav: true },
  {
    path: '/credit/ranking',
    title: 'ranking',
    permissions: ['score.rank', 'score.statistics'],
    area: 'credit',
    nav: true,
  },
  { path: '/credit/warnings', title: 'warnings', permissions: ['warning.read'], area: 'credit', nav: true },
  { path: '/credit/chains', title: 'chains', permissions: ['credit.read'], area: 'credit', nav: true },
  { path: '/credit/analysis', title: 'analysis', permissions: ['credit.read'], area: 'credit', nav: true },
  { path: '/archives', title: 'archives', permissions: ['archive.read'], area: 'archives', nav: true },
  {
    path: '/archives/$archive',
    title: 'archive',
    permissions: ['archive.read'],
    area: 'archives',
    nav: false,
    parent: '/archives',
  },
  { path: '/archive-deposit', title: 'archive-deposit', permissions: ['archive.deposit'], area: 'archives', nav: true },
  {
    path: '/archive-borrowings',
    title: 'archive-borrowings',
    permissions: ['archive.read'],
    area: 'archives',
    nav: true,
  },
  {
    path: '/archive-transfers',
    title: 'archive-transfers',
    permissions: ['archive.deposit'],
    area: 'archives',
    nav: true,
  },
  {
    path: '/archive-preservation',
    title: 'archive-preservation',
    permissions: ['archive.manage'],
    area: 'archives',
    nav: true,
  },
  { path: '/trust', title: 'trust', permissions: ['seal.read', 'seal.sign'], area: 'trust', nav: true },
  { path: '/trust/seals', title: 'seals', permissions: ['seal.read'], area: 'trust', nav: true },
  {
    path: '/trust/seals/$seal',
    title: 'seal',
    permissions: ['seal.read'],
    area: 'trust',
    nav: false,
    parent: '/trust/seals',
  },
  { path: '/trust/publications', title: 'publications', permissions: [], area: 'trust', nav: true, public: true },
  { path: '/trust/calendar', title: 'calendar', permissions: [], area: 'trust', nav: true, public: true },
  { path: '/trust/clients', title: 'seal-clients', permissions: ['seal.manage'], area: 'trust', nav: true },
  { path: '/verify', title: 'verify-public', permissions: [], area: 'trust', nav: false, public: true },
  { path: '/system/jobs', title: 'jobs', permissions: ['jobs.read'], area: 'system', nav: true },
  {
    path: '/system/users',
    title: 'users',
    permissions: ['users.manage', 'roles.manage'],
    area: 'system',
    nav: true,
  },
  { path: '/system/audit', title: 'audit', permissions: ['audit.read'], area: 'system', nav: true },
  { path: '/account', title: 'account', permissions: [], area: 'account', nav: false },
] as const satisfies readonly PageEntry[];

export type PagePath = (typeof pages)[number]['path'];

/** Whether someone with these permissions may open the page. */
export function mayOpen(page: PageEntry, held: ReadonlySet<string>): boolean {
  return page.permissions.length === 0 || page.permissions.some((p) => held.has(p));
}

/** The page on which someone with these permissions starts: the first of the navigation that is theirs, not everybody's. */
export function startPage(held: ReadonlySet<string>): string {
  const own = (page: PageEntry) => page.nav && !page.public && mayOpen(page, held);
  return (pages as readonly PageEntry[]).find(own)?.path ?? '/account';
}
