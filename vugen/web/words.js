// Words and their numbers: what `vugen.vlm` does with a tokenizer of whole words.

const WORD = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\u200c\u200d]+|[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\u200c\u200d\s]+/gu;

export class Words {
  constructor(settings) {
    this.settings = settings;
    this.ids = new Map(settings.words.map((word, i) => [word, i]));
    this.known = settings.words.filter((word) => /^\p{L}/u.test(word)).sort();
  }

  // What a person wrote, without the punctuation that the model does not know
  plain(text) {
    return text.replace(/\p{P}/gu, (mark) => (this.ids.has(mark) ? mark : ' '));
  }

  tokens(text) {
    const found = this.plain(text).toLowerCase().match(WORD) ?? [];
    return found.map((word) => this.ids.get(word) ?? this.settings.unknown);
  }

  isUnknown(word) {
    return this.tokens(word).includes(this.settings.unknown);
  }

  // Without repetitions and punctuation
  unknown(text) {
    const odd = text.split(/\s+/).filter((word) => this.isUnknown(word));
    return [...new Set(odd.map((word) => word.replace(/\p{P}/gu, '')))];
  }

  // Why a text cannot be used, in one line; '' if it can
  problem(text) {
    const unknown = this.unknown(text);
    const most = this.settings.max_prompt;
    if (unknown.length) return `This model does not know ${unknown.map((w) => `‘${w}’`).join(', ')}.`;
    if (!text.trim()) return 'The prompt is empty; say what to paint.';
    if (this.tokens(text).length > most) return `The prompt has more than ${most} words; shorten it.`;
    return '';
  }

  // A user's turn, ready for the answer
  chat(text, picture = false) {
    const { before, before_picture, after } = this.settings;
    return [...(picture ? before_picture : before), ...this.tokens(text), ...after];
  }

  text(ids) {
    const words = ids.map((id) => this.settings.words[id]).filter((word) => !/^<.+>$/.test(word));
    return words.join(' ').replaceAll(' ,', ',');
  }
}
