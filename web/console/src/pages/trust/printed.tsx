/** A publication as it is printed: groups of six letters that may be compared by eye, and copied. */
import { CopyOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useState } from 'react';
import { copyText } from '../../format/copy.ts';
import { useSpeech } from '../../i18n/index.ts';

export function PrintedString({ text, large = false }: { text: string; large?: boolean }) {
  const { t } = useSpeech();
  const [copied, setCopied] = useState(false);
  return (
    <div className={large ? 'printed large' : 'printed'}>
      <p className="printed-groups">
        {text.split('-').map((group, i, all) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: groups have no identity but their place.
          <span key={i}>
            {group}
            {i < all.length - 1 ? '-' : ''}
          </span>
        ))}
      </p>
      <Button
        className="no-print"
        size="small"
        icon={<CopyOutlined />}
        onClick={() => {
          void copyText(text).then(setCopied);
        }}
      >
        {copied ? t('common.copied') : t('common.copy')}
      </Button>
    </div>
  );
}
