/**
 * Chinese values: traditional folded to simplified characters, pinyin with tone, without tone and initials (首字母), parts of company names.
 * Everything is computed once per distinct value or character, never per record.
 */
import { companyNameKey, parseCompanyName } from '@jingwei/codes';
import { pinyin } from 'pinyin-pro';

/**
 * Traditional → simplified, pairs of characters of those that occur in names, companies and addresses. One traditional form has one simplified
 * form (the other direction is ambiguous, which is why values are folded this way).
 */
const PAIRS =
  '萬万與与專专業业東东絲丝兩两嚴严喪丧個个豐丰臨临為为麗丽舉举義义烏乌樂乐喬乔習习鄉乡書书買买亂乱爭争於于虧亏雲云亞亚產产畝亩親亲褻亵億亿僅仅從从侖仑倉仓儀仪們们價价眾众優优會会傘伞偉伟傳传傷伤倫伦偽伪體体傭佣俠侠侶侣僑侨儉俭債债傾倾償偿儲储兒儿黨党蘭兰關关興兴養养獸兽內内岡冈冊册寫写軍军農农馮冯衝冲決决況况凍冻淨净準准涼凉減减湊凑凜凛幾几鳳凤鳧凫憑凭凱凯擊击鑿凿劃划劉刘則则剛刚創创刪删別别劑剂劍剑劇剧勸劝辦办務务動动勵励勁劲勞劳勢势勝胜勛勋勳勋匯汇區区醫医華华協协單单賣卖盧卢衛卫廠厂廳厅歷历曆历厲厉壓压廈厦縣县參参雙双發发髮发變变敘叙葉叶號号嘆叹後后嚇吓呂吕嗎吗聽听啟启吳吴員员嗚呜詠咏響响啞哑問问喚唤嘗尝團团園园圍围國国圖图圓圆聖圣場场壞坏塊块堅坚壇坛壩坝塢坞墳坟墜坠壟垄塵尘墊垫壘垒墾垦壯壮聲声壺壶處处備备復复複复夠够頭头夾夹奪夺奮奋奧奥妝妆婦妇媽妈嫵妩嬌娇婁娄孫孙學学寧宁寶宝實实寵宠審审憲宪宮宫寬宽賓宾對对尋寻導导壽寿將将爾尔堯尧屆届屍尸層层屬属歲岁豈岂嶇岖崗岗島岛嶺岭嶽岳峽峡嶄崭巖岩鞏巩幣币帥帅師师帳帐簾帘幟帜帶带幫帮廣广莊庄慶庆廬庐庫库應应廟庙龐庞廢废開开異异棄弃張张彌弥彎弯彈弹強强歸归當当錄录彥彦徹彻徑径徵征憶忆懺忏憂忧懷怀態态憐怜總总戀恋懇恳惡恶惠惠懸悬驚惊慘惨慣惯憤愤願愿戲戏戰战戶户撲扑執执擴扩掃扫揚扬擾扰撫抚拋抛搶抢護护報报擔担擬拟攏拢揀拣擁拥攔拦擇择掛挂摯挚揮挥撈捞損损撿捡換换據据攜携攝摄擺摆搖摇攤摊敵敌數数齊齐齋斋鬥斗斷断無无舊旧時时曠旷曇昙晝昼顯显晉晋曬晒曉晓暈晕暉晖暫暂術术樸朴機机殺杀雜杂權权條条來来楊杨傑杰極极構构樅枞樞枢棗枣櫪枥槍枪楓枫櫃柜檸柠標标棧栈棟栋欄栏樹树棲栖樣样橋桥樺桦檔档夢梦檢检樓楼橫横櫻樱歡欢歐欧殲歼殤殇殘残毀毁畢毕斃毙氈毡氣气氫氢漢汉湯汤溝沟沒没瀝沥淪沦滄沧滬沪濘泞淚泪瀉泻潑泼澤泽潔洁灑洒窪洼淺浅漿浆澆浇濁浊測测濟济瀏浏渾浑濃浓濤涛澇涝漣涟潤润漲涨澀涩淵渊漁渔滲渗溫温遊游灣湾濕湿潰溃濺溅滾滚滯滞滿满濾滤濫滥灤滦濱滨灘滩瀟潇濰潍潛潜瀾澜瀨濑滅灭燈灯靈灵災灾燦灿爐炉燉炖點点煉炼煥焕熾炽爍烁爛烂燭烛煙烟煩烦燒烧燁烨燙烫熱热愛爱爺爷牆墙狀状猶犹獨独狹狭獅狮獄狱獵猎豬猪貓猫獻献瑪玛環环現现璽玺瓊琼瑤瑶瑩莹甌瓯電电畫画暢畅疇畴療疗瘋疯癒愈皺皱盞盏鹽盐監监蓋盖盜盗盤盘睜睁瞞瞒矚瞩礦矿碼码磚砖礬矾確确礎础碩硕禮礼禍祸禎祯祿禄離离種种積积稱称穌稣穩稳穀谷窮穷竊窃竅窍竄窜窩窝豎竖競竞筆笔筍笋築筑簡简籌筹簽签籃篮籬篱籮箩類类糧粮緊紧糾纠紅红纖纤約约級级紀纪緯纬純纯納纳縱纵綸纶紛纷紙纸紋纹紡纺紐纽線线練练組组紳绅細细織织終终紹绍經经綁绑絨绒結结繞绕繪绘給给絢绚絡络絕绝統统絹绢繡绣繼继績绩緒绪續续維维綿绵綱纲網网綜综綠绿緩缓締缔編编緣缘縫缝纏缠繁繁羅罗罰罚羈羁翹翘聳耸職职聯联聰聪肅肃腸肠膚肤腎肾腫肿脹胀脅胁膽胆脈脉臉脸腦脑騰腾艦舰艙舱藝艺節节蘆芦蕪芜葦苇蒼苍蘇苏蘋苹範范莖茎薦荐榮荣滎荥蕭萧薩萨蔣蒋藍蓝薊蓟藥药蓮莲獲获瑩莹鶯莺蘿萝螢萤營营薔蔷蘊蕴蟲虫蝦虾蠶蚕蠻蛮補补襯衬裝装褲裤見见觀观規规視视覽览覺觉觸触譽誉計计訂订認认討讨讓让訊讯議议記记講讲許许論论設设訪访證证評评識识訴诉診诊詞词譯译試试詩诗誠诚話话誕诞詳详語语誤误說说請请諸诸諾诺讀读課课誼谊調调談谈謀谋諧谐謝谢謙谦譚谭譜谱貝贝負负貢贡財财責责賢贤敗败貨货質质販贩貪贪貧贫購购貿贸費费賀贺賴赖賬账資资贏赢賞赏賜赐賠赔贊赞贈赠趙赵趕赶躍跃踐践車车軌轨軒轩轉转輪轮軟软轟轰輕轻載载輔辅輛辆輝辉輩辈輯辑輸输轄辖辭辞邊边遼辽達达遷迁過过運运還还這这進进遠远連连遲迟適适選选遜逊遞递邏逻遺遗鄧邓鄭郑鄰邻鄒邹鄔邬郵邮釀酿釋释裡里裏里鑒鉴鑑鉴針针釘钉釣钓鈣钙鈔钞鐘钟鍾钟鋼钢鈉钠鑰钥欽钦鈞钧鉤钩鈕钮錢钱鉗钳鑽钻鐵铁鈴铃鉛铅銅铜鋁铝銘铭銀银鑄铸鋪铺鏈链銷销鎖锁鋒锋銳锐錦锦錫锡鑼锣錯错錨锚鍋锅鍛锻鍵键鎮镇鎂镁鏡镜鑫鑫長长門门閃闪閉闭間间閔闵閩闽聞闻閣阁閥阀閱阅閻阎闊阔闌阑隊队陽阳陰阴陣阵階阶際际陸陆陳陈險险隨随隱隐雋隽難难雛雏電电霧雾靜静鞏巩韋韦韓韩頁页頂顶項项順顺須须頑顽顧顾頓顿頒颁頌颂預预領领頻频題题顏颜額额顛颠風风颯飒飄飘飛飞飯饭飲饮飾饰飽饱餅饼館馆饒饶馬马馳驰駕驾駐驻驗验騎骑騙骗驕骄驛驿驍骁骯肮魚鱼魯鲁鮑鲍鮮鲜鯨鲸鳥鸟雞鸡鳴鸣鴻鸿鴛鸳鵬鹏鶴鹤鷹鹰麥麦黃黄齒齿龍龙龔龚龜龟臺台颱台檯台鬆松麵面隻只係系衹只後后製制幹干乾干薑姜';

const chars = [...PAIRS];
/** Characters to fold, and what each becomes, for a `translate` of the engine. */
export const TRADITIONAL: string = chars.filter((c, i) => i % 2 === 0 && c !== chars[i + 1]).join('');
export const SIMPLIFIED: string = chars.filter((c, i) => i % 2 === 1 && c !== chars[i - 1]).join('');

const toSimple = new Map([...TRADITIONAL].map((c, i) => [c, [...SIMPLIFIED][i]!]));

/** Folds traditional characters to simplified ones. */
export function simplify(text: string): string {
  let out = '';
  for (const c of text) out += toSimple.get(c) ?? c;
  return out;
}

/** How a value sounds: `{ tone: 'gong1 niu2', plain: 'gong niu', initials: 'gn' }`. */
export interface Sound {
  tone: string;
  plain: string;
  initials: string;
}

/** Readings of single characters, kept since a city has some thousand of them. */
export class Reader {
  readonly #first = new Map<string, string>();
  readonly #later = new Map<string, string>();

  #read(c: string, first: boolean): string {
    const cache = first ? this.#first : this.#later;
    let reading = cache.get(c);
    if (reading === undefined) {
      reading = /[\u3400-\u9fff\u{20000}-\u{323af}]/u.test(c)
        ? pinyin(c, { toneType: 'num', ...(first ? { surname: 'head' as const } : {}) }).replaceAll('ü', 'v')
        : c.toLowerCase();
      cache.set(c, reading);
    }
    return reading;
  }

  /**
   * The usual reading of each character, the first one read as a surname where `surname`. One character always reads alike, so that two
   * spellings of one name never differ by context.
   */
  sound(value: string, surname: boolean): Sound {
    let tone = '';
    let plain = '';
    let initials = '';
    let at = 0;
    for (const c of value) {
      const reading = this.#read(c, surname && at === 0);
      const last = reading.charCodeAt(reading.length - 1);
      const bare = last >= 48 && last <= 57 && reading.length > 1 ? reading.slice(0, -1) : reading;
      tone += at === 0 ? reading : ` ${reading}`;
      plain += at === 0 ? bare : ` ${bare}`;
      initials += bare[0] ?? '';
      at++;
    }
    return { tone, plain, initials };
  }
}

/** What of a company name tells it from others: the trade name 字号, and the name without division, form and 集团. `home`: see `ColumnModel`. */
export function companyParts(name: string, home = ''): { trade: string; core: string } {
  const parsed = parseCompanyName(name, { home });
  const trade = parsed.trade || companyNameKey(name);
  return { trade, core: `${trade}${parsed.industry}` };
}
