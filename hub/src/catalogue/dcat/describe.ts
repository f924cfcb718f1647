/**
 * A catalogue in DCAT-AP 3.0.1: catalogue, datasets, distributions, services, catalogue records. Everything that a property refers to
 * is described with its type where it is mentioned, so that an answer holds against the SHACL shapes by itself.
 */
import type { Bilingual } from '../../platform/i18n/index.ts';
import { classOf, codeOf } from '../entry/classes.ts';
import type { City } from './city.ts';
import type { DcatDataset, DcatDistribution, DcatService } from './dataset.ts';
import { both, instant, type Node, node, ref, shared, str, typed, type Value, whole, yes } from './node.ts';
import * as v from './vocabulary.ts';

/** What names are made of. */
export interface Place {
  /** Address of the hub without a slash at its end. */
  base: string;
  city: City;
}

const b = (zh: string, en: string): Bilingual => ({ zh, en });
const concept = (id: string | undefined, label: Bilingual, ...more: (readonly [string, Value])[]): Node => {
  const made = node(id, 'skos:Concept', both('skos:prefLabel', label), more);
  return id === undefined ? made : shared(made);
};

export const catalogId = (base: string): string => `${base}/dcat/catalog`;
export const datasetId = (base: string, entry: string): string => `${base}/dcat/datasets/${encodeURIComponent(entry)}`;
/** The page of an entry in the console. */
export const pageOf = (base: string, entry: string): string => `${base}/catalogue/entries/${encodeURIComponent(entry)}`;
/** An address that may be one of this hub's own paths. */
const absolute = (base: string, url: string): string => encodeURI(decoded(url.startsWith('/') ? base + url : url));
const decoded = (url: string): string => {
  try {
    return decodeURI(url);
  } catch {
    return url;
  }
};

const languages = [
  shared(node(v.LANGUAGES.zh, 'dct:LinguisticSystem', both('rdfs:label', b('中文', 'Chinese')))),
  shared(node(v.LANGUAGES.en, 'dct:LinguisticSystem', both('rdfs:label', b('英文', 'English')))),
];
const dcatAp = shared(node(v.DCAT_AP, 'dct:Standard', ['dct:title', str('DCAT-AP 3.0.1')]));
const law = (base: string): Node =>
  shared(
    node(
      `${base}/dcat/law/decree-809`,
      'eli:LegalResource',
      both(
        'dct:title',
        b('政务数据共享条例（国务院令第809号）', 'Regulations on Government Data Sharing (decree 809)'),
      ),
    ),
  );
const guide = (base: string): Node =>
  shared(
    node(
      `${base}/dcat/standards/catalogue-guide-2017`,
      'dct:Standard',
      both(
        'dct:title',
        b(
          '政务信息资源目录编制指南（试行）（发改高技术〔2017〕1272号）',
          'Guide to government resource catalogues (2017)',
        ),
      ),
    ),
  );

const taxonomy = (base: string): Node =>
  shared(
    node(
      `${base}/dcat/themes`,
      'skos:ConceptScheme',
      both('dct:title', b('政务信息资源目录分类', 'Classification of government resources')),
    ),
  );

const place = ({ base, city }: Place): Node =>
  shared(
    node(
      `${base}/dcat/places/${encodeURIComponent(city.code ?? city.id)}`,
      'dct:Location',
      both('skos:prefLabel', city.name),
      both('rdfs:label', city.name),
      ['dct:identifier', city.code === null ? null : str(city.code)],
      [
        'dcat:centroid',
        city.centre && {
          text: `POINT(${city.centre.longitude} ${city.centre.latitude})`,
          type: 'http://www.opengis.net/ont/geosparql#wktLiteral',
        },
      ],
    ),
  );

/** An organisation as an agent with its Chinese type; the unified social credit code is its identifier. */
function publisher(base: string, p: DcatDataset['publisher']): Node {
  const kind = p.kind ?? 'government';
  const type = v.publisherTypes[kind] ?? b(kind, kind);
  return shared(
    node(
      `${base}/dcat/publishers/${encodeURIComponent(p.id)}`,
      ['foaf:Agent', 'foaf:Organization'],
      both('foaf:name', p.name),
      ['dct:identifier', str(p.code ?? p.id)],
      ['jw:organisation', str(p.id)],
      ['dct:type', concept(`${base}/dcat/publisher-types/${encodeURIComponent(kind)}`, type)],
    ),
  );
}

/** Who publishes the catalogue: the city's authority over sharing. */
const authority = ({ base, city }: Place): Node =>
  shared(
    node(
      `${base}/dcat/publishers/-`,
      ['foaf:Agent', 'foaf:Organization'],
      both(
        'foaf:name',
        b(`${city.name.zh}政务数据共享主管部门`, `Authority on government data sharing, ${city.name.en}`),
      ),
      ['dct:identifier', str(city.code ?? city.id)],
      [
        'dct:type',
        concept(`${base}/dcat/publisher-types/authority`, b('政务数据共享主管部门', 'Authority on data sharing')),
      ],
    ),
  );

/** The catalogue itself, without its datasets. */
export function describeCatalog(at: Place, services: readonly DcatService[], modified: Date | null): Node {
  const { base, city } = at;
  return node(
    catalogId(base),
    ['dcat:Catalog', 'dcat:Resource'],
    both('dct:title', b(`${city.name.zh}政务数据目录`, `Data catalogue of ${city.name.en}`)),
    both(
      'dct:description',
      b(
        `${city.name.zh}各部门的政务数据资源，经主管部门审核发布。`,
        `Data resources of the departments of ${city.name.en}, as reviewed and published by the authority.`,
      ),
    ),
    ['dct:publisher', authority(at)],
    languages.map((l) => ['dct:language', l] as const),
    ['dct:spatial', place(at)],
    ['dcat:themeTaxonomy', taxonomy(base)],
    ['dcatap:applicableLegislation', law(base)],
    ['dct:modified', modified && instant(modified)],
    ['foaf:homepage', shared(node(`${base}/catalogue`, 'foaf:Document'))],
    services.map((s) => ['dcat:service', service(base, s)] as const),
  );
}

const service = (base: string, s: DcatService): Node =>
  shared(
    node(
      `${base}/dcat/services/${s.id}`,
      ['dcat:DataService', 'dcat:Resource'],
      both('dct:title', s.title),
      both('dct:description', s.description),
      ['dcat:endpointURL', ref(absolute(base, s.endpoint))],
      ['dcat:endpointDescription', s.descriptionUrl ? ref(absolute(base, s.descriptionUrl)) : null],
      [
        'dct:conformsTo',
        s.conformsTo ? shared(node(s.conformsTo.url, 'dct:Standard', ['dct:title', str(s.conformsTo.title)])) : null,
      ],
    ),
  );

const accessRights = {
  PUBLIC: b('公开', 'Public'),
  RESTRICTED: b('受限', 'Restricted'),
  NON_PUBLIC: b('不公开', 'Not public'),
} as const;
const sharingTitles = {
  unconditional: b('无条件共享', 'Shared without condition'),
  conditional: b('有条件共享', 'Shared on condition'),
  refused: b('不予共享', 'Not shared'),
} as const;

function rights(d: DcatDataset): Node {
  const code = d.open.open ? 'PUBLIC' : d.sharing.type === 'refused' ? 'NON_PUBLIC' : 'RESTRICTED';
  return shared(node(v.ACCESS + code, 'dct:RightsStatement', both('rdfs:label', accessRights[code])));
}

function themes(base: string, d: DcatDataset): Node[] {
  const part = d.classification.slice(0, 3);
  const known = classOf(d.classification);
  const label = 'words' in known ? known.words[1]! : b(part, part);
  const eu = v.euThemes[part];
  return [
    concept(
      `${base}/dcat/themes/${encodeURIComponent(part)}`,
      label,
      ['skos:notation', str(part)],
      ['skos:inScheme', taxonomy(base)],
    ),
    ...(eu ? [concept(v.EU_THEME + eu.code, eu.title)] : []),
  ];
}

function format(extension: string): { format: Node; media: Node | null } {
  const known = v.formats[extension];
  const format = known
    ? shared(node(v.FILE_TYPE + known.code, 'dct:MediaTypeOrExtent', ['rdfs:label', str(known.code)]))
    : node(undefined, 'dct:MediaTypeOrExtent', ['rdfs:label', str(extension || '-')]);
  const media = known?.media
    ? shared(node(v.MEDIA_TYPE + known.media, 'dct:MediaType', ['rdfs:label', str(known.media)]))
    : null;
  return { format, media };
}

function distribution(base: string, d: DcatDataset, way: DcatDistribution): Node {
  const { format: own, media } = format(way.format);
  const sha256 = way.sha256
    ? node(
        undefined,
        'spdx:Checksum',
        ['spdx:algorithm', shared(node(v.expand('spdx:checksumAlgorithm_sha256'), 'spdx:ChecksumAlgorithm'))],
        ['spdx:checksumValue', typed(way.sha256, 'xsd:hexBinary')],
      )
    : null;
  return node(
    `${datasetId(base, d.id)}/${encodeURIComponent(way.id)}`,
    'dcat:Distribution',
    both('dct:title', way.title),
    ['dcat:accessURL', ref(absolute(base, way.accessUrl))],
    ['dcat:downloadURL', way.downloadUrl ? ref(absolute(base, way.downloadUrl)) : null],
    ['dct:format', own],
    ['dcat:mediaType', media],
    ['dcat:byteSize', way.bytes === undefined ? null : typed(String(way.bytes), 'xsd:nonNegativeInteger')],
    ['spdx:checksum', sha256],
    [
      'dct:license',
      way.licence ? shared(node(way.licence.url, 'dct:LicenseDocument', both('rdfs:label', way.licence.title))) : null,
    ],
    ['dct:modified', way.modified ? instant(way.modified) : null],
    ['dcat:accessService', way.service ? ref(`${base}/dcat/services/${way.service}`) : null],
  );
}

/** How data that is not open is had: by a request between departments. */
const request = (base: string, d: DcatDataset): Node =>
  node(
    `${datasetId(base, d.id)}/request`,
    'dcat:Distribution',
    both('dct:title', b('按《政务数据共享条例》申请共享', 'On request under the sharing regulations')),
    ['dcat:accessURL', ref(pageOf(base, d.id))],
    ['dct:format', format(d.format).format],
    [
      'dct:rights',
      node(
        undefined,
        'dct:RightsStatement',
        both('rdfs:label', sharingTitles[d.sharing.type]),
        d.sharing.condition ? [['jw:condition', str(d.sharing.condition)] as const] : [],
      ),
    ],
  );

/** The items as a table schema (CSVW) that the dataset conforms to. */
const schema = (base: string, d: DcatDataset): Node =>
  node(
    `${datasetId(base, d.id)}/schema`,
    ['dct:Standard', 'csvw:Schema'],
    both('dct:title', b(`${d.title.zh}：信息项`, `${d.title.en}: items`)),
    d.items.map((item, i) => [
      'csvw:column',
      node(
        undefined,
        'csvw:Column',
        ['csvw:name', str(item.name)],
        both('csvw:title', item.title),
        ['jw:position', whole(i + 1)],
        ['jw:type', str(item.type)],
        ['csvw:required', yes(item.required)],
        ['jw:key', yes(item.key)],
        ['jw:protection', str(item.protection)],
        ['jw:unit', item.unit ? str(item.unit) : null],
        ['jw:role', item.role ? str(item.role) : null],
      ),
    ]),
  );

/** A dataset with everything that it refers to. */
export function describeDataset(at: Place, d: DcatDataset): Node {
  const { base } = at;
  const frequency = v.frequencies[d.cycle as keyof typeof v.frequencies];
  const refused = d.sharing.ground
    ? node(undefined, 'eli:LegalResource', ['dct:title', { text: d.sharing.ground, lang: 'zh' } as const])
    : null;
  return node(
    datasetId(base, d.id),
    ['dcat:Dataset', 'dcat:Resource'],
    both('dct:title', d.title),
    both('dct:description', d.abstract.zh ? d.abstract : d.title),
    ['dct:identifier', str(d.code)],
    ['jw:entry', str(d.id)],
    ['dcat:version', str(String(d.version))],
    ['dct:publisher', publisher(base, d.publisher)],
    [
      'dcat:contactPoint',
      shared(
        node(
          `${base}/dcat/contacts/${encodeURIComponent(d.publisher.id)}`,
          ['vcard:Kind', 'vcard:Organization'],
          ['vcard:fn', { text: d.publisher.name.zh, lang: 'zh' }],
        ),
      ),
    ],
    themes(base, d).map((t) => ['dcat:theme', t] as const),
    [...new Set(d.tags)].map((t) => ['dcat:keyword', { text: t, lang: 'zh' }] as const),
    ['dct:accessRights', rights(d)],
    [
      'dct:accrualPeriodicity',
      frequency
        ? shared(node(v.FREQUENCY + frequency, 'dct:Frequency', ['rdfs:label', { text: frequency, lang: 'en' }]))
        : null,
    ],
    ['dct:spatial', place(at)],
    ['dct:language', languages[0]!],
    ['dct:issued', instant(d.issued)],
    ['dct:modified', instant(d.publishedAt)],
    [
      'dct:provenance',
      node(
        undefined,
        'dct:ProvenanceStatement',
        both(
          'rdfs:label',
          b(
            `由${d.publisher.name.zh}提供，主管部门审核发布，目录第 ${d.version} 版`,
            `Provided by ${d.publisher.name.en}, reviewed and published by the authority, version ${d.version}`,
          ),
        ),
      ),
    ],
    ['dct:conformsTo', guide(base)],
    ['dct:conformsTo', d.items.length ? schema(base, d) : null],
    ['dcatap:applicableLegislation', law(base)],
    ['dcatap:applicableLegislation', refused],
    ['dcat:landingPage', node(pageOf(base, d.id), 'foaf:Document')],
    ['dcat:distribution', d.sharing.type === 'refused' && !d.open.open ? null : request(base, d)],
    d.distributions.map((w) => ['dcat:distribution', distribution(base, d, w)] as const),
    ['jw:sharing', str(d.sharing.type)],
    ['jw:condition', d.sharing.condition ? str(d.sharing.condition) : null],
    ['jw:level', str(d.level)],
    ['jw:subject', str(d.subject)],
    ['jw:classification', str(d.classification)],
    ['jw:format', d.format ? str(d.format) : null],
    ['jw:collected', yes(d.source !== null)],
    d.related.map((r) => ['jw:related', str(r)] as const),
  );
}

/** A dataset of the catalogue with its record: what makes the catalogue hold it. */
export function describeMember(at: Place, d: DcatDataset): Node {
  const id = datasetId(at.base, d.id);
  const record = node(
    `${id}/record`,
    'dcat:CatalogRecord',
    ['foaf:primaryTopic', ref(id)],
    ['dct:issued', instant(d.issued)],
    ['dct:modified', instant(d.publishedAt)],
    ['dct:identifier', str(codeOf(d.classification, d.sequence))],
    ['dct:conformsTo', dcatAp],
  );
  return node(catalogId(at.base), [], ['dcat:dataset', describeDataset(at, d)], ['dcat:record', record]);
}

/** Where a page stands in the whole (Hydra); harvesters of either generation of its terms find the next page. */
export function describePage(
  base: string,
  page: { own: string; first: string; next: string | null; total: number },
): Node {
  return node(
    page.own,
    ['hydra:PartialCollectionView', 'hydra:PagedCollection'],
    ['hydra:totalItems', whole(page.total)],
    ['hydra:first', ref(page.first)],
    ['hydra:firstPage', ref(page.first)],
    ['hydra:next', page.next === null ? null : ref(page.next)],
    ['hydra:nextPage', page.next === null ? null : ref(page.next)],
    ['jw:catalog', ref(catalogId(base))],
  );
}
