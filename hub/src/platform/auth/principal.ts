/**
 * Who acts and what they may do: roles, permissions, the table between them, and the signed-in principal. Pure data;
 * rooms and the console read it, nothing here touches the store.
 */

/** Every role. The three administrators are separate from each other and from all business roles (三员分立). */
export const roles = [
  'system-admin',
  'security-admin',
  'audit-admin',
  'data-steward',
  'data-officer',
  'analyst',
  'credit-user',
  'leader',
  'archivist',
  'department-head',
  'collector',
  'duty-officer',
  'field-officer',
] as const;
export type Role = (typeof roles)[number];

/** The three administrators: none holds another's role or any business role, none sees business data. */
export const administratorRoles: readonly Role[] = ['system-admin', 'security-admin', 'audit-admin'];

/** Roles whose holder acts for an organisation; a grant of them must name it. */
export const organisationRoles: readonly Role[] = [
  'data-officer',
  'credit-user',
  'department-head',
  'collector',
  'field-officer',
];

/** Every permission; a route names the one that it needs. */
export const permissions = [
  'overview.read',
  'catalogue.read',
  'catalogue.draft',
  'catalogue.approve',
  'catalogue.review',
  'sharing.read',
  'sharing.request',
  'sharing.handle',
  'sharing.approve',
  'sharing.oversee',
  'exchange.read',
  'exchange.operate',
  'exchange.push',
  'quarantine.mend',
  'refinery.read',
  'refinery.review',
  'linkage.review',
  'linkage.manage',
  'library.read',
  'lists.read',
  'lists.handle',
  'lists.run',
  'verify.run',
  'economy.read',
  'economy.detail',
  'credit.search',
  'credit.read',
  'credit.export',
  'score.read',
  'score.statistics',
  'score.rank',
  'score.manage',
  'warning.read',
  'warning.handle',
  'person.read',
  'seal.read',
  'seal.sign',
  'seal.manage',
  'archive.read',
  'archive.deposit',
  'archive.manage',
  'forms.read',
  'forms.design',
  'forms.fill',
  'gateway.read',
  'gateway.use',
  'gateway.manage',
  'peers.read',
  'peers.manage',
  'open.read',
  'open.propose',
  'open.manage',
  'assessment.read',
  'assessment.object',
  'assessment.manage',
  'map.read',
  'sensing.read',
  'sensing.manage',
  'video.watch',
  'alert.read',
  'alert.handle',
  'alert.manage',
  'risk.read',
  'risk.manage',
  'event.read',
  'event.report',
  'event.handle',
  'event.dispatch',
  'event.manage',
  'command.read',
  'command.act',
  'command.manage',
  'cockpit.read',
  'cockpit.manage',
  'workbench.use',
  'workbench.export',
  'vault.reveal',
  'vault.erase',
  'erasure.handle',
  'erasure.approve',
  'keys.manage',
  'audit.read',
  'users.manage',
  'roles.manage',
  'jobs.read',
  'jobs.manage',
  'system.read',
  'system.manage',
] as const;
export type Permission = (typeof permissions)[number];

/** What each role is called on the screens. */
export const roleTitles: Readonly<Record<Role, { zh: string; en: string }>> = {
  'system-admin': { zh: '系统管理员', en: 'System administrator' },
  'security-admin': { zh: '安全管理员', en: 'Security administrator' },
  'audit-admin': { zh: '审计管理员', en: 'Audit administrator' },
  'data-steward': { zh: '数据管理员', en: 'Data steward' },
  'data-officer': { zh: '部门数据专员', en: "Department's data officer" },
  analyst: { zh: '分析员', en: 'Analyst' },
  'credit-user': { zh: '信用查询用户', en: 'Credit user' },
  leader: { zh: '领导', en: 'Leader' },
  archivist: { zh: '档案员', en: 'Archivist' },
  'department-head': { zh: '部门负责人', en: 'Head of a department' },
  collector: { zh: '采集员', en: 'Collector' },
  'duty-officer': { zh: '值班指挥员', en: 'Duty officer' },
  'field-officer': { zh: '处置人员', en: 'Field officer' },
};

/** Which permissions a role brings. Only the data steward may look into the vault, and only the
 * security administrator, who cannot look into it, may erase from it; only the audit administrator reads the audit.
 * Departments' officers and banks see the score of an enterprise that they look up and statistics without names; the
 * ranking with names is for those who work on the whole city. */
export const rolePermissions: Readonly<Record<Role, readonly Permission[]>> = {
  'system-admin': ['users.manage', 'jobs.read', 'jobs.manage', 'system.read', 'system.manage'],
  'security-admin': ['roles.manage', 'seal.manage', 'vault.erase', 'erasure.approve', 'keys.manage', 'system.read'],
  'audit-admin': ['audit.read', 'seal.read'],
  'data-steward': [
    'overview.read',
    'catalogue.read',
    'catalogue.review',
    'sharing.read',
    'sharing.oversee',
    'exchange.read',
    'exchange.operate',
    'quarantine.mend',
    'refinery.read',
    'refinery.review',
    'linkage.review',
    'linkage.manage',
    'library.read',
    'lists.read',
    'lists.handle',
    'lists.run',
    'verify.run',
    'economy.read',
    'economy.detail',
    'credit.search',
    'credit.read',
    'credit.export',
    'score.read',
    'score.statistics',
    'score.rank',
    'score.manage',
    'warning.read',
    'warning.handle',
    'person.read',
    'seal.read',
    'seal.sign',
    'archive.read',
    'forms.read',
    'gateway.read',
    'gateway.manage',
    'peers.read',
    'peers.manage',
    'open.read',
    'open.manage',
    'assessment.read',
    'assessment.manage',
    'map.read',
    'sensing.read',
    'sensing.manage',
    'video.watch',
    'alert.read',
    'alert.manage',
    'risk.read',
    'risk.manage',
    'event.read',
    'event.report',
    'event.dispatch',
    'event.manage',
    'command.read',
    'command.manage',
    'cockpit.read',
    'cockpit.manage',
    'workbench.use',
    'workbench.export',
    'vault.reveal',
    'erasure.handle',
    'jobs.read',
  ],
  'data-officer': [
    'overview.read',
    'catalogue.read',
    'catalogue.draft',
    'sharing.read',
    'sharing.request',
    'sharing.handle',
    'exchange.read',
    'exchange.operate',
    'exchange.push',
    'quarantine.mend',
    'refinery.read',
    'linkage.review',
    'library.read',
    'lists.read',
    'lists.handle',
    'verify.run',
    'economy.read',
    'credit.search',
    'credit.read',
    'credit.export',
    'score.read',
    'score.statistics',
    'warning.read',
    'warning.handle',
    'person.read',
    'seal.read',
    'seal.sign',
    'archive.read',
    'archive.deposit',
    'forms.read',
    'forms.design',
    'forms.fill',
    'gateway.read',
    'gateway.use',
    'peers.read',
    'open.read',
    'open.propose',
    'assessment.read',
    'assessment.object',
    'map.read',
    'sensing.read',
    'sensing.manage',
    'alert.read',
    'risk.read',
    'event.read',
    'event.report',
    'event.handle',
    'command.read',
    'cockpit.read',
    'workbench.use',
    'workbench.export',
  ],
  analyst: [
    'overview.read',
    'catalogue.read',
    'exchange.read',
    'refinery.read',
    'library.read',
    'lists.read',
    'economy.read',
    'economy.detail',
    'credit.search',
    'credit.read',
    'credit.export',
    'score.read',
    'score.statistics',
    'score.rank',
    'warning.read',
    'warning.handle',
    'person.read',
    'seal.read',
    'seal.sign',
    'archive.read',
    'open.read',
    'assessment.read',
    'map.read',
    'sensing.read',
    'alert.read',
    'risk.read',
    'event.read',
    'cockpit.read',
    'workbench.use',
    'workbench.export',
  ],
  'credit-user': [
    'credit.search',
    'credit.read',
    'credit.export',
    'score.read',
    'score.statistics',
    'warning.read',
    'person.read',
  ],
  leader: [
    'overview.read',
    'catalogue.read',
    'sharing.read',
    'library.read',
    'lists.read',
    'economy.read',
    'credit.search',
    'credit.read',
    'score.read',
    'score.statistics',
    'score.rank',
    'warning.read',
    'seal.read',
    'peers.read',
    'open.read',
    'assessment.read',
    'map.read',
    'sensing.read',
    'video.watch',
    'alert.read',
    'risk.read',
    'event.read',
    'command.read',
    'cockpit.read',
  ],
  archivist: ['catalogue.read', 'seal.read', 'seal.sign', 'archive.read', 'archive.deposit', 'archive.manage'],
  // The person in charge of a department's sharing (共享工作机构负责人): agrees to what the department asks for, replies and publishes.
  'department-head': [
    'catalogue.read',
    'catalogue.approve',
    'sharing.read',
    'sharing.approve',
    'seal.read',
    'archive.read',
    'forms.read',
    'gateway.read',
    'peers.read',
    'open.read',
    'assessment.read',
    'assessment.object',
    'map.read',
    'alert.read',
    'event.read',
    'command.read',
    'cockpit.read',
  ],
  // Staff of a department, community or grid who fill in its forms (采集员、网格员): they see what they collected and nothing else.
  collector: ['forms.fill', 'event.report'],
  // Who keeps watch at the command centre (值班): sees what the city senses, hands events out, leads what a plan starts.
  'duty-officer': [
    'map.read',
    'sensing.read',
    'video.watch',
    'alert.read',
    'alert.handle',
    'risk.read',
    'event.read',
    'event.report',
    'event.dispatch',
    'command.read',
    'command.act',
    'cockpit.read',
  ],
  // Who handles events in the field for a department (处置人员), by phone; sees what was given to the own department.
  'field-officer': ['event.report', 'event.handle'],
};

/** The signed-in user as every room sees them. */
export interface Principal {
  userId: string;
  login: string;
  name: string;
  /** Organisation id (cities/<city>/organisations.yaml) or null for those who belong to none. */
  organisation: string | null;
  roles: Role[];
  permissions: Set<Permission>;
  sessionId: string;
  /** What this session looks at personal data for, in one line (code, case, text); null until chosen. */
  purpose: string | null;
  /** Roles among `roles` that are held for colleagues only (delegation), with the login of whose they are. */
  acting?: readonly { role: Role; for: string }[];
  /** The account's own organisation while `organisation` is a former one that the session stands for. */
  ownOrganisation?: string;
}

/** Whether somebody holds a permission through lent roles only. */
export function byDelegation(p: Pick<Principal, 'roles' | 'permissions' | 'acting'>, permission: Permission): boolean {
  if (!p.acting?.length || !p.permissions.has(permission)) return false;
  return !permissionsOf(p.roles.filter((role) => !p.acting!.some((a) => a.role === role))).has(permission);
}

/** The union of what the roles bring. */
export function permissionsOf(held: readonly Role[]): Set<Permission> {
  return new Set(held.flatMap((role) => rolePermissions[role]));
}

/**
 * Why these roles cannot be held by one person, or null when they can: an administrator's role excludes every other
 * role, so that nobody can both act and grant, or act and erase the trace.
 */
export function separationConflict(held: readonly Role[]): [Role, Role] | null {
  const distinct = [...new Set(held)];
  const administrator = distinct.find((role) => administratorRoles.includes(role));
  if (!administrator) return null;
  const other = distinct.find((role) => role !== administrator);
  return other ? [administrator, other] : null;
}
