/** Fields to be put on the form, in groups, each with a word on what it is for. */
import {
  AimOutlined,
  AlignLeftOutlined,
  ApartmentOutlined,
  BankOutlined,
  CalculatorOutlined,
  CalendarOutlined,
  CameraOutlined,
  CheckSquareOutlined,
  ClockCircleOutlined,
  EditOutlined,
  EnvironmentOutlined,
  FieldNumberOutlined,
  FileTextOutlined,
  FontSizeOutlined,
  HighlightOutlined,
  IdcardOutlined,
  InfoCircleOutlined,
  NumberOutlined,
  PaperClipOutlined,
  PhoneOutlined,
  TableOutlined,
} from '@ant-design/icons';
import type { ReactNode } from 'react';
import { useSpeech } from '../../../i18n/index.ts';
import type { FieldKind } from '../shared/pure.ts';

export const kindIcons: Record<FieldKind, ReactNode> = {
  text: <FontSizeOutlined />,
  'long-text': <AlignLeftOutlined />,
  integer: <NumberOutlined />,
  decimal: <FieldNumberOutlined />,
  date: <CalendarOutlined />,
  datetime: <ClockCircleOutlined />,
  boolean: <CheckSquareOutlined />,
  choice: <CheckSquareOutlined />,
  'citizen-id': <IdcardOutlined />,
  phone: <PhoneOutlined />,
  uscc: <BankOutlined />,
  address: <EnvironmentOutlined />,
  place: <AimOutlined />,
  picture: <CameraOutlined />,
  file: <PaperClipOutlined />,
  signature: <HighlightOutlined />,
  relation: <ApartmentOutlined />,
  calculated: <CalculatorOutlined />,
  table: <TableOutlined />,
  section: <EditOutlined />,
  note: <InfoCircleOutlined />,
};

const groups: readonly (readonly [string, readonly FieldKind[]])[] = [
  ['words', ['text', 'long-text', 'choice', 'boolean']],
  ['numbers', ['integer', 'decimal', 'date', 'datetime', 'calculated']],
  ['subjects', ['citizen-id', 'phone', 'uscc', 'relation', 'address', 'place']],
  ['things', ['picture', 'file', 'signature']],
  ['order', ['table', 'section', 'note']],
];

export function Palette({ add }: { add: (kind: FieldKind) => void }) {
  const { t } = useSpeech();
  return (
    <section className="designer-palette panel" aria-label={t('forms.design.palette')}>
      {groups.map(([group, kinds]) => (
        <div key={group}>
          <h2 className="small quiet">{t(`forms.design.group.${group}`)}</h2>
          <ul>
            {kinds.map((kind) => (
              <li key={kind}>
                <button
                  type="button"
                  title={t(`forms.kind-hint.${kind}`)}
                  draggable
                  onDragStart={(event) => event.dataTransfer.setData('text/jingwei-kind', kind)}
                  onClick={() => add(kind)}
                >
                  <span aria-hidden="true">{kindIcons[kind] ?? <FileTextOutlined />}</span> {t(`forms.kind.${kind}`)}
                </button>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}
