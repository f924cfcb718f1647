/** What stands between the members of a list in a language. */
export const comma = (language: string): string => (language === 'zh' ? '、' : ', ');
