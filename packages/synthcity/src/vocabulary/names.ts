/**
 * Names of people and trade names. Our own estimates: surnames fall off roughly as one over the rank, with the surnames
 * usual around Cixi raised; nothing is taken from a published frequency table.
 */

/** Surnames, the most usual first. */
export const surnames = [
  '陈',
  '王',
  '胡',
  '张',
  '徐',
  '沈',
  '孙',
  '罗',
  '岑',
  '周',
  '李',
  '陆',
  '叶',
  '施',
  '黄',
  '吴',
  '马',
  '余',
  '许',
  '戚',
  '杨',
  '方',
  '朱',
  '郑',
  '杜',
  '童',
  '华',
  '柴',
  '韩',
  '刘',
  '林',
  '宓',
  '潘',
  '俞',
  '卢',
  '何',
  '史',
  '魏',
  '赵',
  '翁',
  '冯',
  '蒋',
  '姚',
  '严',
  '邹',
  '龚',
  '毛',
  '应',
  '钱',
  '茅',
  '洪',
  '章',
  '裘',
  '任',
  '谢',
  '范',
  '厉',
  '桑',
  '金',
  '丁',
  '高',
  '郭',
  '宋',
  '唐',
  '邓',
  '曹',
  '彭',
  '曾',
  '萧',
  '田',
  '董',
  '袁',
  '于',
  '傅',
  '程',
  '苏',
  '吕',
  '贾',
  '阮',
  '戴',
  '薛',
  '江',
  '石',
  '汪',
  '廖',
  '熊',
  '秦',
  '邱',
  '侯',
  '白',
  '段',
  '龙',
  '陶',
  '万',
  '顾',
  '孟',
  '欧阳',
  '诸葛',
  '司徒',
  '上官',
] as const;

/** Characters of men's given names. */
export const maleCharacters = [
  ...'建国伟强军明华平杰磊涛超勇斌辉刚鹏飞波宇浩俊峰志文永立新海龙林东亮成祥学良德庆荣富根水云生余宏达松柏',
] as const;

/** Characters of women's given names. */
export const femaleCharacters = [
  ...'丽芳敏静燕娟霞玲萍红艳娜英梅琴兰凤洁莉珍佳雪婷慧倩颖怡悦欣瑶蓉美菊月仙娣芬爱亚央素惠雅琳丹晓蕾春秀',
] as const;

/** Characters of trade names. */
export const tradeCharacters = [
  ...'公牛方太宏达鑫盛恒丰瑞祥兴隆华利凯欣康泰佳美新德天润永昌东海大鸿金龙万顺嘉益宝通明博远正源威立科力中信联合浩宇旭日升辉卓越创腾飞星耀高峰安洁雅尚品诺捷奥格莱迪森奇洛尼亚斯维特克伯爵乐途晟睿铭悦',
] as const;

/** Characters that are mistaken for each other (sound or shape): each is replaced by the one at the same place of the other line. */
export const mistakenFrom =
  '公宏鑫盛恒丰瑞兴华利凯康佳美新德天润永昌东大鸿金龙万嘉益宝通明博远正源威立科力中信联合浩宇旭辉卓腾星高安洁雅尚诺捷奥森洛斯维特克铭悦司厂电器塑料模具五金';
export const mistakenTo =
  '工鸿馨圣衡峰锐新花力恺唐家镁欣得夫闰水唱冬太宏全笼方加溢保同名搏元政原伟力料刀忠言连和皓字旬挥桌滕兴商按结亚上喏婕澳林络思唯持可名阅习广申气素科摸俱伍今';
