/**
 * What a folder `themes/<name>/` declares: `theme.yaml` (what it is, whose, on what ground, who may see it, what is shown)
 * beside `members.sql`, one SELECT over published views that answers who belongs to it.
 */
import { z } from 'zod';
import { bilingual, fieldFormat, protection } from '../../catalogue/index.ts';
import { roles } from '../../platform/auth/principal.ts';

const word = z.string().regex(/^[a-z][a-z0-9-]{0,60}$/, 'lower case letters, digits and -, starting with a letter');
const column = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, 'the name of a column');

export const themeDeclaration = z.strictObject({
  /** The folder's name. */
  theme: word,
  title: bilingual,
  purpose: bilingual,
  /** The legal ground (法律依据). */
  ground: bilingual,
  /** The organisation that answers for it. */
  owner: z.string().regex(/^[a-z][a-z0-9]*$/),
  /** Whose entities the members are: a declared library, or legal-person. */
  library: word,
  /** Level of the data (GB/T 43697). */
  level: z.enum(['core', 'important', 'general']),
  /** Attributes of the library that are shown, in their order. */
  show: z.array(word).min(1).max(12),
  /** Further columns of members.sql that are shown. */
  columns: z
    .array(
      z.strictObject({
        name: column,
        title: bilingual,
        unit: z.string().min(1).optional(),
        format: fieldFormat.optional(),
        protection: protection.default('public'),
      }),
    )
    .max(8)
    .default([]),
  /** Who may see it: roles of people who belong to no organisation, and organisations with the members of their division. */
  access: z.strictObject({
    roles: z.array(z.enum(roles)).default([]),
    organisations: z.union([z.literal('all'), z.array(z.string())]).default([]),
  }),
  /** How long those who left are kept, in days. */
  retention: z.number().int().min(30).max(36_500).default(1095),
  /** Longest time that a run may take, in seconds. */
  seconds: z.number().int().min(1).max(600).default(120),
});
export type ThemeDeclaration = z.output<typeof themeDeclaration>;

/** Attributes of legal persons that a theme may show, with their column and protection. */
export const legalPersonAttributes: readonly {
  name: string;
  title: z.output<typeof bilingual>;
  format?: z.output<typeof fieldFormat>;
  protection: z.output<typeof protection>;
}[] = [
  { name: 'name', title: { zh: '名称', en: 'Name' }, format: 'company-name', protection: 'public' },
  {
    name: 'uscc',
    title: { zh: '统一社会信用代码', en: 'Unified social credit code' },
    format: 'uscc',
    protection: 'public',
  },
  { name: 'kind', title: { zh: '类型', en: 'Type' }, protection: 'public' },
  { name: 'status', title: { zh: '登记状态', en: 'Status' }, protection: 'public' },
  {
    name: 'legal-representative',
    title: { zh: '法定代表人', en: 'Legal representative' },
    format: 'person-name',
    protection: 'personal',
  },
  { name: 'capital', title: { zh: '注册资本', en: 'Registered capital' }, protection: 'public' },
  { name: 'established', title: { zh: '成立日期', en: 'Established' }, protection: 'public' },
  { name: 'address', title: { zh: '住所', en: 'Address' }, format: 'address', protection: 'public' },
  { name: 'industry', title: { zh: '行业', en: 'Industry' }, format: 'industry', protection: 'public' },
  { name: 'employees', title: { zh: '从业人数', en: 'Employees' }, protection: 'public' },
];
