/**
 * Keys of places as SQL: two spellings of one address have the same key. What stands above the road (province, city,
 * county, town) is not in the keys, since people leave it out; the town is a key of its own, for comparing beside them.
 *
 * - road:   road or village, the town is not in it
 * - number: road or village and house number: `环城南路|129`
 * - block:  with the block (幢), empty where there is none: `环城南路|129|12`
 * - room:   with the room: `环城南路|129|12|301`; NULL without one
 */

const narrow = (x: string) => `translate(${x}, '０１２３４５６７８９－（）　 ', '0123456789-()')`;
/** One spelling for digits and blocks, nothing above the county. */
const local = (x: string) =>
  `regexp_replace(regexp_replace(${narrow(x)}, '(号楼|栋|座)', '幢', 'g'), '^(中国)?([^省市区县]{2,3}省)?([^省市区县]{2,4}市)?([^省市区县路街道]{2,4}[市县])?', '')`;
const TOWN = '(?:街道|镇|乡|开发区|园区|创新中心)';
/** Town and what is below it. */
const split = (x: string) =>
  `regexp_extract(${local(x)}, '^([^0-9]{1,12}?${TOWN})?([^0-9]+)([0-9]+)号?(.*)$', ['town', 'road', 'no', 'rest'])`;

/** `make` of an expression that is computed once although it names it several times. */
const once = (expression: string, make: string): string => `list_transform([${expression}], lambda a: ${make})[1]`;
const noParts = "a.road IS NULL OR a.road = '' OR a.no = ''";
const number = "a.road || '|' || a.no";
const block = `${number} || '|' || regexp_extract(a.rest, '([0-9]+)幢', 1)`;
const room = "regexp_extract(a.rest, '([0-9]{2,5})室?$', 1)";

/** The town (镇、街道) of an address, or NULL. */
export const addressTown = (x: string): string => once(split(x), "nullif(a.town, '')");
/** The road or village; of a text without any number the text itself, which then is its name. */
export const addressRoad = (x: string): string =>
  `CASE WHEN regexp_matches(${x}, '[0-9０-９]') THEN ${once(split(x), "nullif(a.road, '')")} ELSE nullif(trim(${x}), '') END`;
/** Road and house number. */
export const addressNumber = (x: string): string => once(split(x), `CASE WHEN ${noParts} THEN NULL ELSE ${number} END`);
/** Road, house number and block. */
export const addressBlock = (x: string): string => once(split(x), `CASE WHEN ${noParts} THEN NULL ELSE ${block} END`);
/** Road, house number, block and room. */
export const addressRoom = (x: string): string =>
  once(split(x), `CASE WHEN ${noParts} OR ${room} = '' THEN NULL ELSE ${block} || '|' || ${room} END`);
