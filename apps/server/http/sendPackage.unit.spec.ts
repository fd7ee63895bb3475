import { describe, expect, it } from 'vitest';
import { attachment } from './sendPackage.js';

describe('the name of a download', () => {
  it.each([
    ['shop-1.0.waybill', `attachment; filename="shop-1.0.waybill"; filename*=UTF-8''shop-1.0.waybill`],
    ['a"\\b/c%41.tar', `attachment; filename="a__b_c_41.tar"; filename*=UTF-8''a%22%5Cb%2Fc%2541.tar`],
    ['Läden\r\nX: y', `attachment; filename="L_den__X: y"; filename*=UTF-8''L%C3%A4den%0D%0AX%3A%20y`],
    ["数'()*\ud800", `attachment; filename="_'()*_"; filename*=UTF-8''%E6%95%B0%27%28%29%2A%EF%BF%BD`],
  ])('%j is written so that no header can be misread', (name, header) => {
    expect(attachment(name)).toBe(header);
  });
});
