/** What columns that stand in no declaration are called, in Chinese and English, wherever they stand. */
import type { Bilingual } from '../platform/i18n/index.ts';

const words = `
entity=实体编号=Entity|fact=事实编号=Fact|day=日期=Day|amount=金额=Amount|facts=事实数=Facts|sources=来源数=Sources|contradictions=矛盾数=Contradictions
quality=质量=Quality|first_run=首个批次=First run|last_run=最近批次=Last run|recorded_at=记录时间=Recorded at|class=类别=Class|kind=种类=Kind|name=名称=Name
library=库=Library|measure=指标=Measure|sex=性别=Sex|band=年龄段=Age band|n=数量=Number|to_library=对方库=Other library|to_entity=对方实体=Other entity
chosen=采用=Chosen|wkt=形状=Shape (WKT)|lon=经度=Longitude|lat=纬度=Latitude|min_lon=最西=West|max_lon=最东=East|min_lat=最南=South|max_lat=最北=North
area=面积=Area|length=长度=Length|id=编号=Id|source=来源=Source|rule=规则=Rule|title_zh=中文标题=Chinese title|title_en=英文标题=English title|category=类别=Category
event=事件=Event|level=等级=Level|peak=最高等级=Highest level|state=状态=State|opened_at=开始时间=Opened at|changed_at=变更时间=Changed at|closed_at=结束时间=Closed at
type=类型=Type|property=指标=Property|label_zh=中文名称=Chinese name|label_en=英文名称=English name|owner=单位=Owner|members=数量=Members|storm=告警风暴=Storm
acknowledged_at=确认时间=Acknowledged at|silenced=静默=Silenced|inhibited=抑制=Inhibited|exercise=演练=Exercise|subject=主体=Subject|rank=可信次序=Rank
version=版本=Version|position=位置=Position|format=格式=Format|unit=单位=Unit|protection=保护=Protection|fact_role=事实角色=Role in a fact|golden=主数据属性=Golden attribute
operation=行动=Operation|step=步骤=Step|role=角色=Role|organisation=单位=Organisation|progress=进展=Progress|due=期限=Due|late=逾期=Late|run=批次=Run|model=模型=Model
score=得分=Score|grade=等级=Grade|town=镇街=Town|industry=行业=Industry|value=值=Value|grain=期别=Grain|period=时期=Period|series=序列=Series|at=时间=At
hour=小时=Hour|least=最小=Least|most=最大=Most|mean=平均=Mean|last=最新=Last|flag=标记=Flag|number=序号=Number|matter=事项=Matter|group=分组=Group|urgency=紧急程度=Urgency
open=未结=Open|channel=渠道=Channel|joint=协办=Joint|grid=网格=Grid|supervised=督办=Supervised|reports=上报数=Reports|returned=退回次数=Returned|rating=评价=Rating
action=动作=Action|from_state=原状态=From state|to_state=新状态=To state|stage=阶段=Stage|received=收到=Received|accepted=接受=Accepted|quarantined=隔离=Quarantined
duplicate=重复=Duplicate|started=开始=Started|finished=完成=Finished|rows=行数=Rows|linked=已匹配=Linked|unlinked=未匹配=Unlinked|field=字段=Field|dimension=维度=Dimension
filled=已填=Filled|provider=提供单位=Provider|requester=申请单位=Requester|entry=目录条目=Entry|request=申请=Request|list=清单=List|theme=主题=Theme
exposure=暴露=Exposure|horizon=时段=Horizon|plan=预案=Plan|title=标题=Title|place=地点=Place|interval=间隔=Interval|active=在用=Active|disputed=有争议=Disputed
valid_from=起=Valid from|valid_to=止=Valid to|attribute=属性=Attribute|person_name=人员姓名=Name of the person|other_entity=对方实体=Other entity|other_name=对方名称=Other name
share=比例=Share|id_token=证件代号=Token of the number|address=地址=Address|code=代码=Code|parent=上级=Parent|status=状态=Status|recorded=记录时间=Recorded|until=止=Until`;

const known = new Map<string, Bilingual>(
  words
    .trim()
    .split(/[|\n]/)
    .map((word): [string, Bilingual] => {
      const [name, zh, en] = word.split('=') as [string, string, string];
      return [name, { zh, en }];
    }),
);

/** What a column is called; its name with blanks where nobody named it. */
export const columnTitle = (name: string): Bilingual => {
  const spaced = name.replaceAll('_', ' ');
  return known.get(name) ?? { zh: spaced, en: spaced };
};
