/**
 * Views of rooms that may be queried, with the columns of each that may be shown: what is not named here is not there. Left out on purpose
 * are payloads and texts that hold personal values under one column, keys of persons, names of users, and views whose rows depend on who
 * asks (members of lists, verifications, reviews).
 */
import type { Permission } from '../platform/auth/principal.ts';

/** A view of a room. */
export interface CuratedView {
  name: string;
  zh: string;
  en: string;
  room: string;
  needs: readonly Permission[];
  people?: boolean;
  columns: readonly string[];
  /** Condition on its rows, for everybody; and for those who do not look at persons. */
  rows?: string;
  rowsWithoutPersons?: string;
}

const view = (
  name: string,
  zh: string,
  en: string,
  room: string,
  needs: readonly Permission[],
  columns: string,
  more: Pick<CuratedView, 'people' | 'rows' | 'rowsWithoutPersons'> = {},
): CuratedView => ({ name, zh, en, room, needs, columns: columns.trim().split(/\s+/), ...more });

/** All of them. */
export const curatedViews: readonly CuratedView[] = [
  view(
    ...(['alert_v1', '预警', 'Alerts', 'alerts', ['alert.read']] as const),
    `id source rule title_zh title_en category event level peak state opened_at changed_at closed_at entity type property label_zh lon lat
     owner members storm acknowledged_at silenced inhibited exercise`,
  ),
  view(
    ...(['area_count_v1', '区域计数', 'Counts by area', 'libraries', ['library.read']] as const),
    'library entity measure sex band n',
    // Few people of one age and sex in one grid are people.
    { rowsWithoutPersons: `measure <> 'person'` },
  ),
  view(
    ...(['base_library_v1', '基础库目录', 'Declared libraries', 'libraries', ['library.read']] as const),
    'library name',
  ),
  view(
    ...(['base_relation_v1', '实体关系', 'Relations of entities', 'libraries', ['library.read']] as const),
    'library kind entity to_library to_entity class day chosen',
    { people: true },
  ),
  view(
    ...(['base_shape_v1', '空间形状', 'Shapes', 'libraries', ['library.read']] as const),
    'library entity wkt min_lon min_lat max_lon max_lat lon lat area length',
  ),
  view(
    ...(['class_v1', '数据类别', 'Classes', 'catalogue', ['catalogue.read']] as const),
    'class source owner category title_zh title_en level subject rank',
  ),
  view(
    ...(['class_field_v1', '数据项', 'Fields of classes', 'catalogue', ['catalogue.read']] as const),
    'class version position name title_zh title_en type format unit protection fact_role golden',
  ),
  view(
    ...(['command_task_v1', '指挥任务', 'Tasks of command', 'command', ['command.read']] as const),
    'id operation step role level organisation state progress sent_at ack_due due acknowledged_at ended_at late',
  ),
  view(
    ...(['operation_v1', '应急行动', 'Operations', 'command', ['command.read']] as const),
    'id plan plan_version title exercise level state lon lat place started_at ended_at closed_at',
  ),
  view(
    ...(['resource_v1', '应急资源', 'Emergency resources', 'command', ['command.read']] as const),
    'id urn kind type name_zh name_en organisation state lon lat address capacity quantity lent least unit operation changed_at',
  ),
  view(
    ...(['credit_score_run_v1', '信用评分批次', 'Runs of scores', 'credit', ['score.rank']] as const),
    'run model version day started finished entities before_run unavailable',
  ),
  view(
    ...(['credit_score_v1', '企业信用评分', 'Scores of enterprises', 'credit', ['score.rank']] as const),
    `run model version day entity score grade town industry rank_city of_city rank_town of_town rank_industry of_industry change
     grade_before`,
  ),
  view(
    ...(['economy_enterprise_v1', '工业企业', 'Industrial enterprises', 'libraries', ['economy.detail']] as const),
    'entity name town section division group class form',
  ),
  view(
    ...(['economy_value_v1', '企业经济指标', 'Figures of enterprises', 'libraries', ['economy.detail']] as const),
    'entity measure unit grain period value parts source disputed recorded',
  ),
  view(
    ...([
      'economy_history_v1',
      '企业经济指标历史',
      'History of figures of enterprises',
      'libraries',
      ['economy.detail'],
    ] as const),
    'entity measure grain period value parts source recorded until',
  ),
  view(
    ...(['economy_member_v1', '经济维度成员', 'Members of dimensions', 'libraries', ['economy.detail']] as const),
    'dimension entity code title',
  ),
  view(
    ...(['event_v1', '城市事件', 'Events of the city', 'events', ['event.read']] as const),
    `id number matter group urgency state open channel organisation joint town grid lon lat supervised reports returned transferred
     reworked rating due late late_at day closed_day occurred_at reported_at filed_at dispatched_at accepted_at handled_at closed_at`,
  ),
  view(
    ...(['event_step_v1', '事件办理步骤', 'Steps of events', 'events', ['event.read']] as const),
    'seq event action from_state to_state stage organisation at',
  ),
  view(
    ...(['risk_v1', '风险', 'Risks', 'risk', ['risk.read']] as const),
    'model kind id name town lon lat exposure e v g horizon at h score',
  ),
  view(...(['reading_v1', '读数', 'Readings', 'sensing', ['sensing.read']] as const), 'series at value flag'),
  view(
    ...(['reading_hour_v1', '小时读数', 'Readings by hour', 'sensing', ['sensing.read']] as const),
    'series hour n least most mean last',
  ),
  view(
    ...(['reading_day_v1', '日读数', 'Readings by day', 'sensing', ['sensing.read']] as const),
    'series day n least most mean last',
  ),
  view(
    ...(['series_v1', '感知序列', 'Series of readings', 'sensing', ['sensing.read']] as const),
    'series entity type property unit lon lat owner label_zh label_en interval active',
  ),
  view(...(['latest_v1', '最新读数', 'Newest readings', 'sensing', ['sensing.read']] as const), 'series at value'),
  view(
    ...(['run_v1', '归集批次', 'Runs of collection', 'exchange', ['exchange.read']] as const),
    'run source number bytes started finished received accepted quarantined duplicate leaves kind vanished',
  ),
  view(
    ...(['refined_run_v1', '治理批次', 'Refined runs', 'refinery', ['exchange.read']] as const),
    'run source class version accepted finished integration linked unlinked refined_at',
  ),
  view(
    ...(['integration_v1', '融合批次', 'Integrations', 'libraries', ['exchange.read']] as const),
    'integration started finished target runs rows',
  ),
  view(
    ...(['quality_v1', '数据质量', 'Quality of data', 'refinery', ['exchange.read']] as const),
    'source class run field dimension rule a b',
  ),
  view(
    ...(['profile_v1', '数据画像', 'Profiles of fields', 'refinery', ['exchange.read']] as const),
    // Not what the values are: least, greatest and frequent ones would be values of persons.
    'source class run field rows sampled filled distinct_values min_length max_length flagged drift',
  ),
  view(
    ...(['list_run_v1', '比对清单批次', 'Runs of lists', 'libraries', ['lists.read']] as const),
    'list day began finished ms done excepted members before fresh still ended_done ended_withdrawn without_subject',
  ),
  view(
    ...(['list_split_v1', '比对清单分镇街', 'Lists by town', 'libraries', ['lists.read']] as const),
    'list day town members fresh still ended_done ended_withdrawn',
  ),
  view(
    ...(['theme_run_v1', '主题库批次', 'Runs of themes', 'libraries', ['library.read']] as const),
    'theme day made ms members entered gone without_entity filled contradicted',
  ),
  view(
    ...(['assessment_duty_v1', '供数任务', 'Duties of delivery', 'assessment', ['assessment.read']] as const),
    'duty provider entry occurred due done stopped',
  ),
  view(
    ...(['assessment_entry_v1', '目录条目', 'Entries of the catalogue', 'assessment', ['assessment.read']] as const),
    `entry provider title_zh title_en source created retired in_force published sharing level opened cycle items errors warnings`,
  ),
  view(
    ...(['assessment_use_v1', '数据使用', 'Use of entries', 'assessment', ['assessment.read']] as const),
    'entry provider channel day times',
  ),
  view(
    ...(['assessment_request_v1', '共享申请', 'Requests for sharing', 'assessment', ['assessment.read']] as const),
    'request requester provider entry state submitted decided',
  ),
  view(
    ...(['assessment_on_time_v1', '按时更新', 'Updates on time', 'assessment', ['assessment.read']] as const),
    'source day current',
  ),
  view(
    ...(['assessment_organisation_v1', '机构', 'Organisations', 'assessment', ['assessment.read']] as const),
    'id kind',
  ),
];
