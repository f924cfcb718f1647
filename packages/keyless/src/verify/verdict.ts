/** What a verification says, with the codes that verifiers of this format share. */

const sentences = {
  'GEN-01': ['文件与签名不符', 'Wrong document'],
  'GEN-02': ['无法得出结论', 'Verification inconclusive'],
  'GEN-03': ['输入的层级过高', 'Input hash level too large'],
  'GEN-04': ['输入的哈希算法与签名不同', 'Wrong input hash algorithm'],
  'INT-01': ['聚合哈希链不一致', 'Inconsistent aggregation hash chains'],
  'INT-02': ['聚合哈希链的时间不一致', 'Inconsistent aggregation hash chain aggregation times'],
  'INT-03': ['日历哈希链的输入不符', 'Calendar hash chain input hash mismatch'],
  'INT-04': ['日历哈希链的聚合时间不符', 'Calendar hash chain aggregation time mismatch'],
  'INT-05': ['日历哈希链的形状与聚合时间不符', 'Calendar hash chain shape inconsistent with aggregation time'],
  'INT-06': [
    '日历时间与认证记录不符',
    'Calendar hash chain time inconsistent with calendar authentication record time',
  ],
  'INT-07': ['日历时间与公开记录不符', 'Calendar hash chain time inconsistent with publication time'],
  'INT-08': [
    '日历根与认证记录不符',
    'Calendar hash chain root hash inconsistent with calendar authentication record hash',
  ],
  'INT-09': ['日历根与公开记录不符', 'Calendar hash chain root hash inconsistent with published hash value'],
  'INT-10': ['聚合哈希链的序号与形状不符', 'Aggregation hash chain chain index mismatch'],
  'INT-11': ['链中的来源信息不可信', 'The metadata record in the aggregation hash chain may not be trusted'],
  'INT-12': ['聚合哈希链的序号不相接', 'Inconsistent chain indexes'],
  'INT-13': ['签名时文件的哈希算法已不可用', 'Document hash algorithm deprecated at the time of signing'],
  'INT-14': [
    '签名时 RFC 3161 记录的算法已不可用',
    'RFC3161 compatibility record composed using hash algorithms that where deprecated at the time of signing',
  ],
  'INT-15': [
    '签名时聚合算法已不可用',
    'Aggregation hash chain uses hash algorithm that was deprecated at the time of signing',
  ],
  'INT-16': ['公开时日历算法已失效', 'Calendar hash chain hash algorithm was obsolete at publication time'],
  'INT-17': [
    '签名时 RFC 3161 记录的输出算法已不可用',
    'The RFC3161 compatibility record output hash algorithm was deprecated at the time of signing',
  ],
  'PUB-01': ['延伸所得的根与公开值不符', 'Extender response calendar root hash mismatch'],
  'PUB-02': ['延伸结果不一致', 'Extender response inconsistent'],
  'PUB-03': ['延伸结果的输入不符', 'Extender response input hash mismatch'],
  'PUB-04': ['公开记录与所给公开值不符', 'Publication record hash and user provided publication hash mismatch'],
  'PUB-05': ['公开记录与公开值文件不符', 'Publication record hash and publications file publication hash mismatch'],
  'KEY-02': ['密钥签名不成立', 'PKI signature not verified with certificate'],
  'KEY-03': ['聚合时证书不在有效期', 'Signing certificate not valid at aggregation time'],
  'CAL-01': [
    '延伸所得的根与日历哈希链不符',
    'Calendar root hash mismatch between signature and calendar database chain',
  ],
  'CAL-02': [
    '延伸结果的输入与聚合根不符',
    'Aggregation hash chain root hash and calendar database hash chain input hash mismatch',
  ],
  'CAL-03': ['延伸结果的聚合时间不符', 'Aggregation time mismatch'],
  'CAL-04': ['日历哈希链的右环节不符', 'Calendar hash chain right links are inconsistent'],
} as const;

/** Code of a failure or of the lack of a conclusion. */
export type VerificationCode = keyof typeof sentences;

/** The result: proven; refuted, by which code; or neither. */
export type Verdict =
  | { outcome: 'ok' }
  | { outcome: 'failed' | 'inconclusive'; code: VerificationCode; reason?: string };

export const OK: Verdict = { outcome: 'ok' };
/** Refuted. */
export const failed = (code: VerificationCode): Verdict => ({ outcome: 'failed', code });
/** Neither proven nor refuted; `reason` says what is missing. */
export const inconclusive = (reason: string): Verdict => ({ outcome: 'inconclusive', code: 'GEN-02', reason });

/** A code in words. */
export const sentenceOf = (code: VerificationCode): { zh: string; en: string } => ({
  zh: sentences[code][0],
  en: sentences[code][1],
});
