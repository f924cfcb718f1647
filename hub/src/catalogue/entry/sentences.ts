/** Judgements on the sentences that departments write: conditions, grounds and abstracts. Pure functions. */
import { plain, type Words } from './words.ts';

const bare = (text: string): string => plain(text).replace(/[\s\p{P}]/gu, '');

/** Sentences that stand where a condition should and bind nobody to anything (擅自增设条件, decree 809, article 15). */
const NONE =
  /^(无|没有|无条件|有条件|有条件共享|暂无|待定|其他|其它|另行规定|另行协商|协商|协商确定|面议|视情况|视情况而定|视具体情况|根据情况|酌情|按需|按需共享|按需申请|依申请|按申请|经同意|经批准|经审批|须审批|需审批|需申请|须申请|审批后共享|申请后共享|内部使用|仅限内部|内部|不便公开|不宜共享|领导同意|领导批准|负责人同意|部门同意|本单位同意|经本单位同意|经我局同意|我局同意|我局审批|单位审批|按规定|按照规定|按有关规定|依法|依法共享|依法依规|na|none|null|0)$/;
/** Consent of the provider itself and nothing else: whoever writes it has made up a condition of their own. */
const CONSENT =
  /^(须|需|应|要|应当|必须)?(经|由|报|得到|取得)?(本|我|提供|数据提供|资源提供|主管)?(单位|部门|局|方|委|办|科室|领导|负责人|分管领导)*(书面)?(同意|批准|审批|审核|许可)(后|之后)?(方可|可以|可|才能|才可以|予以)?(共享|使用|提供|查询)?$/;

/** Whether a condition is none. */
export const emptyCondition = (condition: string): boolean => {
  const own = bare(condition);
  return own.length < 2 || NONE.test(own) || CONSENT.test(own);
};

/** Whether a condition says who may use it or what for, as article 15 asks (共享范围、使用用途等). */
export const namesScopeOrUse = (condition: string): boolean =>
  /用于|用途|目的|为了|适用|范围|仅限|只限|限于|限[^制]|面向|供.+使用|职责|履职|办理|核验|核对|核查|监管|服务|审计|执法|授权|脱敏|汇总|聚合|上级/.test(
    condition,
  );

/** Whether a ground names a law, a regulation or a decision of the State Council: a title in 《》, or a name that ends as theirs do. */
export const namesLaw = (ground: string): boolean =>
  /《[^《》]{2,60}》/.test(ground) ||
  /\p{Script=Han}{2,}(法|条例|法典|决定|解释)(第[\d一二三四五六七八九十百零]+条|的?规定|$)/u.test(ground);

/** Whether an abstract says no more than the name does. */
export function saysNothing(name: string, abstract: string, words: Words): boolean {
  const own = new Set(words.of(name).map((w) => w.concept));
  const more = words.of(abstract).filter((w) => !own.has(w.concept) && !bare(name).includes(w.text));
  return more.length === 0 || (more.length === 1 && more[0]!.text.length < 2);
}
