import { SafetyOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useSpeech } from '../i18n/index.ts';
import { usePurposeDialog } from './purpose.tsx';
import { useSession } from './session.tsx';

/** Says for which purpose personal data are shown, or that they are masked, with the way to state one. */
export function PurposeNote() {
  const { t } = useSpeech();
  const { me } = useSession();
  const { ask } = usePurposeDialog();
  const purpose = me.purpose;
  return (
    <p className="purpose small">
      <SafetyOutlined aria-hidden="true" />
      <span>
        {purpose
          ? t('frame.purpose.chosen', {
              purpose: `${t(`frame.purpose.codes.${purpose.code}`)} · ${purpose.caseReference}`,
            })
          : t('frame.purpose.needed')}
      </span>
      <Button type="link" size="small" style={{ paddingInline: 4 }} onClick={ask}>
        {purpose ? t('frame.purpose.change') : t('frame.purpose.choose')}
      </Button>
    </p>
  );
}
