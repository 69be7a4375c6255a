// Generated from schemas/ by `npm run generate`; do not edit.
"use strict";
export const fleet = validate53;
const schema20 = {"type":"object","additionalProperties":false,"properties":{"interval":{"$ref":"#/$defs/common.schema.json.duration"},"vars":{"$ref":"#/$defs/common.schema.json.vars"},"agent":{"$ref":"#/$defs/common.schema.json.agentRelease"},"alerts":{"type":"object","additionalProperties":false,"properties":{"labels":{"$ref":"#/$defs/common.schema.json.labels"},"minFiring":{"$ref":"#/$defs/common.schema.json.duration"},"alertmanager":{"type":"array","items":{"$ref":"#/$defs/common.schema.json.receiver"}},"webhook":{"type":"array","items":{"$ref":"#/$defs/common.schema.json.receiver"}},"runbook":{"type":"string","pattern":"^https?://[^\\s/]"},"heartbeat":{"type":"boolean"}}},"policy":{"$ref":"#/$defs/common.schema.json.policy"},"prune":{"type":"object","additionalProperties":false,"properties":{"maxRemovals":{"type":["integer","string"],"minimum":0,"pattern":"^(?:100|[0-9]{1,2})%$"}}},"fleet":{"type":"object","additionalProperties":false,"properties":{"tokenFile":{"$ref":"#/$defs/common.schema.json.hostPath"}}},"defaults":{"type":"object","additionalProperties":false,"properties":{"root":{"$ref":"#/$defs/stack.schema.json.root"},"vars":{"$ref":"#/$defs/common.schema.json.vars"},"secrets":{"$ref":"#/$defs/stack.schema.json.secrets"},"hostEnvFiles":{"$ref":"#/$defs/stack.schema.json.hostEnvFiles"},"dependsOn":{"$ref":"#/$defs/stack.schema.json.dependsOn"},"requires":{"$ref":"#/$defs/common.schema.json.requires"},"drift":{"$ref":"#/$defs/stack.schema.json.drift"},"onChange":{"$ref":"#/$defs/stack.schema.json.onChange"},"verify":{"$ref":"#/$defs/stack.schema.json.verify"},"rollback":{"$ref":"#/$defs/stack.schema.json.rollback"},"adopt":{"$ref":"#/$defs/stack.schema.json.adopt"},"hooks":{"$ref":"#/$defs/stack.schema.json.hooks"},"jobs":{"$ref":"#/$defs/stack.schema.json.jobs"}}}}};
const pattern3 = new RegExp("^(?=\\d)(?:\\d+(?:\\.\\d+)?w)?(?:\\d+(?:\\.\\d+)?d)?(?:\\d+(?:\\.\\d+)?h)?(?:\\d+(?:\\.\\d+)?m)?(?:\\d+(?:\\.\\d+)?s)?(?:\\d+ms)?$", "u");

function validate54(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate54.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(typeof data === "string"){
if(!pattern3.test(data)){
const err0 = {instancePath,keyword:"pattern",params:{}};
vErrors = collect(vErrors, err0);
errors++;
}
}
else {
const err1 = {instancePath,keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err1);
errors++;
}
validate54.errors = vErrors;
return errors === 0;
}
validate54.evaluated = {"dynamicProps":false,"dynamicItems":false};

const schema22 = {"type":"object","propertyNames":{"pattern":"^(?!COMPOSE_|DOCKER_)[A-Za-z_][A-Za-z0-9_]*$"},"additionalProperties":{"type":["string","number","boolean"]}};
const pattern4 = new RegExp("^(?!COMPOSE_|DOCKER_)[A-Za-z_][A-Za-z0-9_]*$", "u");

function validate56(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate56.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
const _errs1 = errors;
if(typeof key0 === "string"){
if(!pattern4.test(key0)){
const err0 = {instancePath,keyword:"pattern",params:{},propertyName:key0};
vErrors = collect(vErrors, err0);
errors++;
}
}
var valid0 = _errs1 === errors;
if(!valid0){
const err1 = {instancePath,keyword:"propertyNames",params:{propertyName: key0}};
vErrors = collect(vErrors, err1);
errors++;
}
}
for(const key1 in data){
let data0 = data[key1];
if(((typeof data0 !== "string") && (!((typeof data0 == "number") && (isFinite(data0))))) && (typeof data0 !== "boolean")){
const err2 = {instancePath:instancePath+"/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),keyword:"type",params:{type: schema22.additionalProperties.type}};
vErrors = collect(vErrors, err2);
errors++;
}
}
}
else {
const err3 = {instancePath,keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err3);
errors++;
}
validate56.errors = vErrors;
return errors === 0;
}
validate56.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

const pattern5 = new RegExp("^\\d+\\.\\d+\\.\\d+(?:[-+][0-9A-Za-z.+-]+)?$", "u");
const pattern6 = new RegExp("^https?://[^\\s/]", "u");
const pattern7 = new RegExp("^[0-9a-f]{64}$", "u");

function validate59(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate59.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(typeof data === "string"){
if(!pattern7.test(data)){
const err0 = {instancePath,keyword:"pattern",params:{}};
vErrors = collect(vErrors, err0);
errors++;
}
}
else {
const err1 = {instancePath,keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err1);
errors++;
}
validate59.errors = vErrors;
return errors === 0;
}
validate59.evaluated = {"dynamicProps":false,"dynamicItems":false};


function validate58(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate58.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.version === undefined){
const err0 = {instancePath,keyword:"required",params:{missingProperty: "version"}};
vErrors = collect(vErrors, err0);
errors++;
}
if(data.url === undefined){
const err1 = {instancePath,keyword:"required",params:{missingProperty: "url"}};
vErrors = collect(vErrors, err1);
errors++;
}
if(data.sha256 === undefined){
const err2 = {instancePath,keyword:"required",params:{missingProperty: "sha256"}};
vErrors = collect(vErrors, err2);
errors++;
}
for(const key0 in data){
if(!(((key0 === "version") || (key0 === "url")) || (key0 === "sha256"))){
const err3 = {instancePath,keyword:"additionalProperties",params:{additionalProperty: key0}};
vErrors = collect(vErrors, err3);
errors++;
}
}
if(data.version !== undefined){
let data0 = data.version;
if(typeof data0 === "string"){
if(!pattern5.test(data0)){
const err4 = {instancePath:instancePath+"/version",keyword:"pattern",params:{}};
vErrors = collect(vErrors, err4);
errors++;
}
}
else {
const err5 = {instancePath:instancePath+"/version",keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err5);
errors++;
}
}
if(data.url !== undefined){
let data1 = data.url;
if(typeof data1 === "string"){
if(!pattern6.test(data1)){
const err6 = {instancePath:instancePath+"/url",keyword:"pattern",params:{}};
vErrors = collect(vErrors, err6);
errors++;
}
}
else {
const err7 = {instancePath:instancePath+"/url",keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err7);
errors++;
}
}
if(data.sha256 !== undefined){
let data2 = data.sha256;
if(data2 && typeof data2 == "object" && !Array.isArray(data2)){
if(Object.keys(data2).length < 1){
const err8 = {instancePath:instancePath+"/sha256",keyword:"minProperties",params:{limit: 1}};
vErrors = collect(vErrors, err8);
errors++;
}
for(const key1 in data2){
if(!((key1 === "linux-x64") || (key1 === "linux-arm64"))){
const err9 = {instancePath:instancePath+"/sha256",keyword:"additionalProperties",params:{additionalProperty: key1}};
vErrors = collect(vErrors, err9);
errors++;
}
}
if(data2["linux-x64"] !== undefined){
if(!(validate59(data2["linux-x64"], {instancePath:instancePath+"/sha256/linux-x64",parentData:data2,parentDataProperty:"linux-x64",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate59.errors : vErrors.concat(validate59.errors);
errors = vErrors.length;
}
}
if(data2["linux-arm64"] !== undefined){
if(!(validate59(data2["linux-arm64"], {instancePath:instancePath+"/sha256/linux-arm64",parentData:data2,parentDataProperty:"linux-arm64",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate59.errors : vErrors.concat(validate59.errors);
errors = vErrors.length;
}
}
}
else {
const err10 = {instancePath:instancePath+"/sha256",keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err10);
errors++;
}
}
}
else {
const err11 = {instancePath,keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err11);
errors++;
}
validate58.errors = vErrors;
return errors === 0;
}
validate58.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};


function validate63(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate63.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(typeof data[key0] !== "string"){
const err0 = {instancePath:instancePath+"/" + key0.replace(/~/g, "~0").replace(/\//g, "~1"),keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err0);
errors++;
}
}
}
else {
const err1 = {instancePath,keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err1);
errors++;
}
validate63.errors = vErrors;
return errors === 0;
}
validate63.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

const pattern9 = new RegExp("^/", "u");

function validate67(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate67.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(typeof data === "string"){
if(!pattern9.test(data)){
const err0 = {instancePath,keyword:"pattern",params:{}};
vErrors = collect(vErrors, err0);
errors++;
}
}
else {
const err1 = {instancePath,keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err1);
errors++;
}
validate67.errors = vErrors;
return errors === 0;
}
validate67.evaluated = {"dynamicProps":false,"dynamicItems":false};

const func1 = (text) => [...text].length;

function validate66(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate66.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
const _errs1 = errors;
const _errs2 = errors;
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if(((data.bearerTokenFile === undefined) && (missing0 = "bearerTokenFile")) || ((data.basicAuth === undefined) && (missing0 = "basicAuth"))){
const err0 = {};
vErrors = collect(vErrors, err0);
errors++;
}
}
var valid0 = _errs2 === errors;
if(valid0){
const err1 = {instancePath,keyword:"not",params:{}};
vErrors = collect(vErrors, err1);
errors++;
}
else {
errors = _errs1;
if(vErrors !== null){
if(_errs1){
vErrors.length = _errs1;
}
else {
vErrors = null;
}
}
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.url === undefined){
const err2 = {instancePath,keyword:"required",params:{missingProperty: "url"}};
vErrors = collect(vErrors, err2);
errors++;
}
for(const key0 in data){
if(!((((key0 === "url") || (key0 === "bearerTokenFile")) || (key0 === "basicAuth")) || (key0 === "caFile"))){
const err3 = {instancePath,keyword:"additionalProperties",params:{additionalProperty: key0}};
vErrors = collect(vErrors, err3);
errors++;
}
}
if(data.url !== undefined){
let data0 = data.url;
if(typeof data0 === "string"){
if(!pattern6.test(data0)){
const err4 = {instancePath:instancePath+"/url",keyword:"pattern",params:{}};
vErrors = collect(vErrors, err4);
errors++;
}
}
else {
const err5 = {instancePath:instancePath+"/url",keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err5);
errors++;
}
}
if(data.bearerTokenFile !== undefined){
if(!(validate67(data.bearerTokenFile, {instancePath:instancePath+"/bearerTokenFile",parentData:data,parentDataProperty:"bearerTokenFile",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate67.errors : vErrors.concat(validate67.errors);
errors = vErrors.length;
}
}
if(data.basicAuth !== undefined){
let data2 = data.basicAuth;
if(data2 && typeof data2 == "object" && !Array.isArray(data2)){
if(data2.username === undefined){
const err6 = {instancePath:instancePath+"/basicAuth",keyword:"required",params:{missingProperty: "username"}};
vErrors = collect(vErrors, err6);
errors++;
}
if(data2.passwordFile === undefined){
const err7 = {instancePath:instancePath+"/basicAuth",keyword:"required",params:{missingProperty: "passwordFile"}};
vErrors = collect(vErrors, err7);
errors++;
}
for(const key1 in data2){
if(!((key1 === "username") || (key1 === "passwordFile"))){
const err8 = {instancePath:instancePath+"/basicAuth",keyword:"additionalProperties",params:{additionalProperty: key1}};
vErrors = collect(vErrors, err8);
errors++;
}
}
if(data2.username !== undefined){
let data3 = data2.username;
if(typeof data3 === "string"){
if(func1(data3) < 1){
const err9 = {instancePath:instancePath+"/basicAuth/username",keyword:"minLength",params:{limit: 1}};
vErrors = collect(vErrors, err9);
errors++;
}
}
else {
const err10 = {instancePath:instancePath+"/basicAuth/username",keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err10);
errors++;
}
}
if(data2.passwordFile !== undefined){
if(!(validate67(data2.passwordFile, {instancePath:instancePath+"/basicAuth/passwordFile",parentData:data2,parentDataProperty:"passwordFile",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate67.errors : vErrors.concat(validate67.errors);
errors = vErrors.length;
}
}
}
else {
const err11 = {instancePath:instancePath+"/basicAuth",keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err11);
errors++;
}
}
if(data.caFile !== undefined){
if(!(validate67(data.caFile, {instancePath:instancePath+"/caFile",parentData:data,parentDataProperty:"caFile",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate67.errors : vErrors.concat(validate67.errors);
errors = vErrors.length;
}
}
}
else {
const err12 = {instancePath,keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err12);
errors++;
}
validate66.errors = vErrors;
return errors === 0;
}
validate66.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

const schema28 = {"type":"object","additionalProperties":false,"properties":{"image-latest-tag":{"$ref":"#/$defs/common.schema.json.policyLevel"},"image-not-pinned":{"$ref":"#/$defs/common.schema.json.policyLevel"},"wildcard-bind":{"$ref":"#/$defs/common.schema.json.policyLevel"},"privileged":{"$ref":"#/$defs/common.schema.json.policyLevel"},"no-healthcheck":{"$ref":"#/$defs/common.schema.json.policyLevel"},"no-limits":{"$ref":"#/$defs/common.schema.json.policyLevel"},"runs-as-root":{"$ref":"#/$defs/common.schema.json.policyLevel"},"secret-in-plain-text":{"$ref":"#/$defs/common.schema.json.policyLevel"},"allowed-registries":{"type":"object","additionalProperties":false,"required":["level","registries"],"properties":{"level":{"$ref":"#/$defs/common.schema.json.policyLevel"},"registries":{"type":"array","minItems":1,"uniqueItems":true,"items":{"type":"string","minLength":1}}}}}};
const func2 = Object.prototype.hasOwnProperty;
const schema29 = {"enum":["off","warn","enforce"]};

function validate74(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate74.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(!(((data === "off") || (data === "warn")) || (data === "enforce"))){
const err0 = {instancePath,keyword:"enum",params:{allowedValues: schema29.enum}};
vErrors = collect(vErrors, err0);
errors++;
}
validate74.errors = vErrors;
return errors === 0;
}
validate74.evaluated = {"dynamicProps":false,"dynamicItems":false};


function validate73(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate73.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(func2.call(schema28.properties, key0))){
const err0 = {instancePath,keyword:"additionalProperties",params:{additionalProperty: key0}};
vErrors = collect(vErrors, err0);
errors++;
}
}
if(data["image-latest-tag"] !== undefined){
if(!(validate74(data["image-latest-tag"], {instancePath:instancePath+"/image-latest-tag",parentData:data,parentDataProperty:"image-latest-tag",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate74.errors : vErrors.concat(validate74.errors);
errors = vErrors.length;
}
}
if(data["image-not-pinned"] !== undefined){
if(!(validate74(data["image-not-pinned"], {instancePath:instancePath+"/image-not-pinned",parentData:data,parentDataProperty:"image-not-pinned",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate74.errors : vErrors.concat(validate74.errors);
errors = vErrors.length;
}
}
if(data["wildcard-bind"] !== undefined){
if(!(validate74(data["wildcard-bind"], {instancePath:instancePath+"/wildcard-bind",parentData:data,parentDataProperty:"wildcard-bind",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate74.errors : vErrors.concat(validate74.errors);
errors = vErrors.length;
}
}
if(data.privileged !== undefined){
if(!(validate74(data.privileged, {instancePath:instancePath+"/privileged",parentData:data,parentDataProperty:"privileged",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate74.errors : vErrors.concat(validate74.errors);
errors = vErrors.length;
}
}
if(data["no-healthcheck"] !== undefined){
if(!(validate74(data["no-healthcheck"], {instancePath:instancePath+"/no-healthcheck",parentData:data,parentDataProperty:"no-healthcheck",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate74.errors : vErrors.concat(validate74.errors);
errors = vErrors.length;
}
}
if(data["no-limits"] !== undefined){
if(!(validate74(data["no-limits"], {instancePath:instancePath+"/no-limits",parentData:data,parentDataProperty:"no-limits",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate74.errors : vErrors.concat(validate74.errors);
errors = vErrors.length;
}
}
if(data["runs-as-root"] !== undefined){
if(!(validate74(data["runs-as-root"], {instancePath:instancePath+"/runs-as-root",parentData:data,parentDataProperty:"runs-as-root",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate74.errors : vErrors.concat(validate74.errors);
errors = vErrors.length;
}
}
if(data["secret-in-plain-text"] !== undefined){
if(!(validate74(data["secret-in-plain-text"], {instancePath:instancePath+"/secret-in-plain-text",parentData:data,parentDataProperty:"secret-in-plain-text",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate74.errors : vErrors.concat(validate74.errors);
errors = vErrors.length;
}
}
if(data["allowed-registries"] !== undefined){
let data8 = data["allowed-registries"];
if(data8 && typeof data8 == "object" && !Array.isArray(data8)){
if(data8.level === undefined){
const err1 = {instancePath:instancePath+"/allowed-registries",keyword:"required",params:{missingProperty: "level"}};
vErrors = collect(vErrors, err1);
errors++;
}
if(data8.registries === undefined){
const err2 = {instancePath:instancePath+"/allowed-registries",keyword:"required",params:{missingProperty: "registries"}};
vErrors = collect(vErrors, err2);
errors++;
}
for(const key1 in data8){
if(!((key1 === "level") || (key1 === "registries"))){
const err3 = {instancePath:instancePath+"/allowed-registries",keyword:"additionalProperties",params:{additionalProperty: key1}};
vErrors = collect(vErrors, err3);
errors++;
}
}
if(data8.level !== undefined){
if(!(validate74(data8.level, {instancePath:instancePath+"/allowed-registries/level",parentData:data8,parentDataProperty:"level",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate74.errors : vErrors.concat(validate74.errors);
errors = vErrors.length;
}
}
if(data8.registries !== undefined){
let data10 = data8.registries;
if(Array.isArray(data10)){
if(data10.length < 1){
const err4 = {instancePath:instancePath+"/allowed-registries/registries",keyword:"minItems",params:{limit: 1}};
vErrors = collect(vErrors, err4);
errors++;
}
const len0 = data10.length;
for(let i0=0; i0<len0; i0++){
let data11 = data10[i0];
if(typeof data11 === "string"){
if(func1(data11) < 1){
const err5 = {instancePath:instancePath+"/allowed-registries/registries/" + i0,keyword:"minLength",params:{limit: 1}};
vErrors = collect(vErrors, err5);
errors++;
}
}
else {
const err6 = {instancePath:instancePath+"/allowed-registries/registries/" + i0,keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err6);
errors++;
}
}
let i1 = data10.length;
let j0;
if(i1 > 1){
const indices0 = {};
for(;i1--;){
let item0 = data10[i1];
if(typeof item0 !== "string"){
continue;
}
if(typeof indices0[item0] == "number"){
j0 = indices0[item0];
const err7 = {instancePath:instancePath+"/allowed-registries/registries",keyword:"uniqueItems",params:{i: i1, j: j0}};
vErrors = collect(vErrors, err7);
errors++;
break;
}
indices0[item0] = i1;
}
}
}
else {
const err8 = {instancePath:instancePath+"/allowed-registries/registries",keyword:"type",params:{type: "array"}};
vErrors = collect(vErrors, err8);
errors++;
}
}
}
else {
const err9 = {instancePath:instancePath+"/allowed-registries",keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err9);
errors++;
}
}
}
else {
const err10 = {instancePath,keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err10);
errors++;
}
validate73.errors = vErrors;
return errors === 0;
}
validate73.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

const pattern12 = new RegExp("^(?!/).+$", "u");

function validate86(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate86.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(typeof data === "string"){
if(!pattern12.test(data)){
const err0 = {instancePath,keyword:"pattern",params:{}};
vErrors = collect(vErrors, err0);
errors++;
}
}
else {
const err1 = {instancePath,keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err1);
errors++;
}
validate86.errors = vErrors;
return errors === 0;
}
validate86.evaluated = {"dynamicProps":false,"dynamicItems":false};

const pattern13 = new RegExp("^(?!/)(?!(?:.*/)?\\.\\.(?:/|$)).+$", "u");

function validate90(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate90.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(typeof data === "string"){
if(!pattern13.test(data)){
const err0 = {instancePath,keyword:"pattern",params:{}};
vErrors = collect(vErrors, err0);
errors++;
}
}
else {
const err1 = {instancePath,keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err1);
errors++;
}
validate90.errors = vErrors;
return errors === 0;
}
validate90.evaluated = {"dynamicProps":false,"dynamicItems":false};

const func0 = (a, b) => a === b;

function validate89(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate89.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(Array.isArray(data)){
const len0 = data.length;
for(let i0=0; i0<len0; i0++){
if(!(validate90(data[i0], {instancePath:instancePath+"/" + i0,parentData:data,parentDataProperty:i0,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate90.errors : vErrors.concat(validate90.errors);
errors = vErrors.length;
}
}
let i1 = data.length;
let j0;
if(i1 > 1){
outer0:
for(;i1--;){
for(j0 = i1; j0--;){
if(func0(data[i1], data[j0])){
const err0 = {instancePath,keyword:"uniqueItems",params:{i: i1, j: j0}};
vErrors = collect(vErrors, err0);
errors++;
break outer0;
}
}
}
}
}
else {
const err1 = {instancePath,keyword:"type",params:{type: "array"}};
vErrors = collect(vErrors, err1);
errors++;
}
validate89.errors = vErrors;
return errors === 0;
}
validate89.evaluated = {"items":true,"dynamicProps":false,"dynamicItems":false};


function validate93(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate93.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(Array.isArray(data)){
const len0 = data.length;
for(let i0=0; i0<len0; i0++){
if(!(validate90(data[i0], {instancePath:instancePath+"/" + i0,parentData:data,parentDataProperty:i0,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate90.errors : vErrors.concat(validate90.errors);
errors = vErrors.length;
}
}
let i1 = data.length;
let j0;
if(i1 > 1){
outer0:
for(;i1--;){
for(j0 = i1; j0--;){
if(func0(data[i1], data[j0])){
const err0 = {instancePath,keyword:"uniqueItems",params:{i: i1, j: j0}};
vErrors = collect(vErrors, err0);
errors++;
break outer0;
}
}
}
}
}
else {
const err1 = {instancePath,keyword:"type",params:{type: "array"}};
vErrors = collect(vErrors, err1);
errors++;
}
validate93.errors = vErrors;
return errors === 0;
}
validate93.evaluated = {"items":true,"dynamicProps":false,"dynamicItems":false};

const pattern14 = new RegExp("^[a-z0-9][a-z0-9_-]{0,62}$", "u");

function validate97(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate97.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(typeof data === "string"){
if(!pattern14.test(data)){
const err0 = {instancePath,keyword:"pattern",params:{}};
vErrors = collect(vErrors, err0);
errors++;
}
}
else {
const err1 = {instancePath,keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err1);
errors++;
}
validate97.errors = vErrors;
return errors === 0;
}
validate97.evaluated = {"dynamicProps":false,"dynamicItems":false};


function validate96(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate96.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(Array.isArray(data)){
const len0 = data.length;
for(let i0=0; i0<len0; i0++){
if(!(validate97(data[i0], {instancePath:instancePath+"/" + i0,parentData:data,parentDataProperty:i0,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate97.errors : vErrors.concat(validate97.errors);
errors = vErrors.length;
}
}
let i1 = data.length;
let j0;
if(i1 > 1){
outer0:
for(;i1--;){
for(j0 = i1; j0--;){
if(func0(data[i1], data[j0])){
const err0 = {instancePath,keyword:"uniqueItems",params:{i: i1, j: j0}};
vErrors = collect(vErrors, err0);
errors++;
break outer0;
}
}
}
}
}
else {
const err1 = {instancePath,keyword:"type",params:{type: "array"}};
vErrors = collect(vErrors, err1);
errors++;
}
validate96.errors = vErrors;
return errors === 0;
}
validate96.evaluated = {"items":true,"dynamicProps":false,"dynamicItems":false};

const schema36 = {"type":"object","additionalProperties":false,"properties":{"docker":{"type":"string","minLength":1},"compose":{"type":"string","minLength":1},"memory":{"$ref":"#/$defs/common.schema.json.size"},"gpu":{"type":"object","additionalProperties":false,"properties":{"vendor":{"enum":["nvidia","amd","intel"]},"count":{"type":"integer","minimum":1},"memory":{"$ref":"#/$defs/common.schema.json.size"}}},"disk":{"type":"array","items":{"type":"object","additionalProperties":false,"required":["path"],"properties":{"path":{"type":"string","pattern":"^[/$]"},"free":{"$ref":"#/$defs/common.schema.json.size"},"create":{"type":"boolean"},"mode":{"type":"string","pattern":"^0?[0-7]{3,4}$"}}}},"addresses":{"type":"array","items":{"type":"string","minLength":1}},"commands":{"type":"array","items":{"type":"string","minLength":1}}}};
const pattern15 = new RegExp("^\\d+(?:\\.\\d+)? ?(?:[kKMGT]i?)?[bB]?$", "u");

function validate101(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate101.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(typeof data === "string"){
if(!pattern15.test(data)){
const err0 = {instancePath,keyword:"pattern",params:{}};
vErrors = collect(vErrors, err0);
errors++;
}
}
else {
const err1 = {instancePath,keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err1);
errors++;
}
validate101.errors = vErrors;
return errors === 0;
}
validate101.evaluated = {"dynamicProps":false,"dynamicItems":false};

const pattern16 = new RegExp("^[/$]", "u");
const pattern17 = new RegExp("^0?[0-7]{3,4}$", "u");

function validate100(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate100.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(((((((key0 === "docker") || (key0 === "compose")) || (key0 === "memory")) || (key0 === "gpu")) || (key0 === "disk")) || (key0 === "addresses")) || (key0 === "commands"))){
const err0 = {instancePath,keyword:"additionalProperties",params:{additionalProperty: key0}};
vErrors = collect(vErrors, err0);
errors++;
}
}
if(data.docker !== undefined){
let data0 = data.docker;
if(typeof data0 === "string"){
if(func1(data0) < 1){
const err1 = {instancePath:instancePath+"/docker",keyword:"minLength",params:{limit: 1}};
vErrors = collect(vErrors, err1);
errors++;
}
}
else {
const err2 = {instancePath:instancePath+"/docker",keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err2);
errors++;
}
}
if(data.compose !== undefined){
let data1 = data.compose;
if(typeof data1 === "string"){
if(func1(data1) < 1){
const err3 = {instancePath:instancePath+"/compose",keyword:"minLength",params:{limit: 1}};
vErrors = collect(vErrors, err3);
errors++;
}
}
else {
const err4 = {instancePath:instancePath+"/compose",keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err4);
errors++;
}
}
if(data.memory !== undefined){
if(!(validate101(data.memory, {instancePath:instancePath+"/memory",parentData:data,parentDataProperty:"memory",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate101.errors : vErrors.concat(validate101.errors);
errors = vErrors.length;
}
}
if(data.gpu !== undefined){
let data3 = data.gpu;
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
for(const key1 in data3){
if(!(((key1 === "vendor") || (key1 === "count")) || (key1 === "memory"))){
const err5 = {instancePath:instancePath+"/gpu",keyword:"additionalProperties",params:{additionalProperty: key1}};
vErrors = collect(vErrors, err5);
errors++;
}
}
if(data3.vendor !== undefined){
let data4 = data3.vendor;
if(!(((data4 === "nvidia") || (data4 === "amd")) || (data4 === "intel"))){
const err6 = {instancePath:instancePath+"/gpu/vendor",keyword:"enum",params:{allowedValues: schema36.properties.gpu.properties.vendor.enum}};
vErrors = collect(vErrors, err6);
errors++;
}
}
if(data3.count !== undefined){
let data5 = data3.count;
if(!(((typeof data5 == "number") && (!(data5 % 1) && !isNaN(data5))) && (isFinite(data5)))){
const err7 = {instancePath:instancePath+"/gpu/count",keyword:"type",params:{type: "integer"}};
vErrors = collect(vErrors, err7);
errors++;
}
if((typeof data5 == "number") && (isFinite(data5))){
if(data5 < 1 || isNaN(data5)){
const err8 = {instancePath:instancePath+"/gpu/count",keyword:"minimum",params:{comparison: ">=", limit: 1}};
vErrors = collect(vErrors, err8);
errors++;
}
}
}
if(data3.memory !== undefined){
if(!(validate101(data3.memory, {instancePath:instancePath+"/gpu/memory",parentData:data3,parentDataProperty:"memory",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate101.errors : vErrors.concat(validate101.errors);
errors = vErrors.length;
}
}
}
else {
const err9 = {instancePath:instancePath+"/gpu",keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err9);
errors++;
}
}
if(data.disk !== undefined){
let data7 = data.disk;
if(Array.isArray(data7)){
const len0 = data7.length;
for(let i0=0; i0<len0; i0++){
let data8 = data7[i0];
if(data8 && typeof data8 == "object" && !Array.isArray(data8)){
if(data8.path === undefined){
const err10 = {instancePath:instancePath+"/disk/" + i0,keyword:"required",params:{missingProperty: "path"}};
vErrors = collect(vErrors, err10);
errors++;
}
for(const key2 in data8){
if(!((((key2 === "path") || (key2 === "free")) || (key2 === "create")) || (key2 === "mode"))){
const err11 = {instancePath:instancePath+"/disk/" + i0,keyword:"additionalProperties",params:{additionalProperty: key2}};
vErrors = collect(vErrors, err11);
errors++;
}
}
if(data8.path !== undefined){
let data9 = data8.path;
if(typeof data9 === "string"){
if(!pattern16.test(data9)){
const err12 = {instancePath:instancePath+"/disk/" + i0+"/path",keyword:"pattern",params:{}};
vErrors = collect(vErrors, err12);
errors++;
}
}
else {
const err13 = {instancePath:instancePath+"/disk/" + i0+"/path",keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err13);
errors++;
}
}
if(data8.free !== undefined){
if(!(validate101(data8.free, {instancePath:instancePath+"/disk/" + i0+"/free",parentData:data8,parentDataProperty:"free",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate101.errors : vErrors.concat(validate101.errors);
errors = vErrors.length;
}
}
if(data8.create !== undefined){
if(typeof data8.create !== "boolean"){
const err14 = {instancePath:instancePath+"/disk/" + i0+"/create",keyword:"type",params:{type: "boolean"}};
vErrors = collect(vErrors, err14);
errors++;
}
}
if(data8.mode !== undefined){
let data12 = data8.mode;
if(typeof data12 === "string"){
if(!pattern17.test(data12)){
const err15 = {instancePath:instancePath+"/disk/" + i0+"/mode",keyword:"pattern",params:{}};
vErrors = collect(vErrors, err15);
errors++;
}
}
else {
const err16 = {instancePath:instancePath+"/disk/" + i0+"/mode",keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err16);
errors++;
}
}
}
else {
const err17 = {instancePath:instancePath+"/disk/" + i0,keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err17);
errors++;
}
}
}
else {
const err18 = {instancePath:instancePath+"/disk",keyword:"type",params:{type: "array"}};
vErrors = collect(vErrors, err18);
errors++;
}
}
if(data.addresses !== undefined){
let data13 = data.addresses;
if(Array.isArray(data13)){
const len1 = data13.length;
for(let i1=0; i1<len1; i1++){
let data14 = data13[i1];
if(typeof data14 === "string"){
if(func1(data14) < 1){
const err19 = {instancePath:instancePath+"/addresses/" + i1,keyword:"minLength",params:{limit: 1}};
vErrors = collect(vErrors, err19);
errors++;
}
}
else {
const err20 = {instancePath:instancePath+"/addresses/" + i1,keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err20);
errors++;
}
}
}
else {
const err21 = {instancePath:instancePath+"/addresses",keyword:"type",params:{type: "array"}};
vErrors = collect(vErrors, err21);
errors++;
}
}
if(data.commands !== undefined){
let data15 = data.commands;
if(Array.isArray(data15)){
const len2 = data15.length;
for(let i2=0; i2<len2; i2++){
let data16 = data15[i2];
if(typeof data16 === "string"){
if(func1(data16) < 1){
const err22 = {instancePath:instancePath+"/commands/" + i2,keyword:"minLength",params:{limit: 1}};
vErrors = collect(vErrors, err22);
errors++;
}
}
else {
const err23 = {instancePath:instancePath+"/commands/" + i2,keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err23);
errors++;
}
}
}
else {
const err24 = {instancePath:instancePath+"/commands",keyword:"type",params:{type: "array"}};
vErrors = collect(vErrors, err24);
errors++;
}
}
}
else {
const err25 = {instancePath,keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err25);
errors++;
}
validate100.errors = vErrors;
return errors === 0;
}
validate100.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

const schema38 = {"type":"object","additionalProperties":false,"properties":{"mode":{"$ref":"#/$defs/stack.schema.json.driftMode"},"rules":{"type":"object","additionalProperties":false,"properties":{"service-missing":{"$ref":"#/$defs/stack.schema.json.driftMode"},"replicas":{"$ref":"#/$defs/stack.schema.json.driftMode"},"stopped":{"$ref":"#/$defs/stack.schema.json.driftMode"},"paused":{"$ref":"#/$defs/stack.schema.json.driftMode"},"restarting":{"$ref":"#/$defs/stack.schema.json.driftMode"},"definition":{"$ref":"#/$defs/stack.schema.json.driftMode"},"files":{"$ref":"#/$defs/stack.schema.json.driftMode"},"files-edited":{"$ref":"#/$defs/stack.schema.json.driftMode"},"image-local":{"$ref":"#/$defs/stack.schema.json.driftMode"},"image-moved":{"$ref":"#/$defs/stack.schema.json.driftMode"},"limits":{"$ref":"#/$defs/stack.schema.json.driftMode"},"network":{"$ref":"#/$defs/stack.schema.json.driftMode"},"renamed":{"$ref":"#/$defs/stack.schema.json.driftMode"},"orphan":{"$ref":"#/$defs/stack.schema.json.driftMode"},"foreign":{"$ref":"#/$defs/stack.schema.json.driftMode"},"tool-changed":{"$ref":"#/$defs/stack.schema.json.driftMode"},"unmanaged-stack":{"$ref":"#/$defs/stack.schema.json.driftMode"},"volume":{"$ref":"#/$defs/stack.schema.json.driftMode"},"network-definition":{"$ref":"#/$defs/stack.schema.json.driftMode"},"unhealthy":{"$ref":"#/$defs/stack.schema.json.driftMode"}}}}};
const schema39 = {"enum":["heal","report","ignore"]};

function validate107(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate107.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(!(((data === "heal") || (data === "report")) || (data === "ignore"))){
const err0 = {instancePath,keyword:"enum",params:{allowedValues: schema39.enum}};
vErrors = collect(vErrors, err0);
errors++;
}
validate107.errors = vErrors;
return errors === 0;
}
validate107.evaluated = {"dynamicProps":false,"dynamicItems":false};


function validate106(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate106.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!((key0 === "mode") || (key0 === "rules"))){
const err0 = {instancePath,keyword:"additionalProperties",params:{additionalProperty: key0}};
vErrors = collect(vErrors, err0);
errors++;
}
}
if(data.mode !== undefined){
if(!(validate107(data.mode, {instancePath:instancePath+"/mode",parentData:data,parentDataProperty:"mode",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate107.errors : vErrors.concat(validate107.errors);
errors = vErrors.length;
}
}
if(data.rules !== undefined){
let data1 = data.rules;
if(data1 && typeof data1 == "object" && !Array.isArray(data1)){
for(const key1 in data1){
if(!(func2.call(schema38.properties.rules.properties, key1))){
const err1 = {instancePath:instancePath+"/rules",keyword:"additionalProperties",params:{additionalProperty: key1}};
vErrors = collect(vErrors, err1);
errors++;
}
}
if(data1["service-missing"] !== undefined){
if(!(validate107(data1["service-missing"], {instancePath:instancePath+"/rules/service-missing",parentData:data1,parentDataProperty:"service-missing",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate107.errors : vErrors.concat(validate107.errors);
errors = vErrors.length;
}
}
if(data1.replicas !== undefined){
if(!(validate107(data1.replicas, {instancePath:instancePath+"/rules/replicas",parentData:data1,parentDataProperty:"replicas",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate107.errors : vErrors.concat(validate107.errors);
errors = vErrors.length;
}
}
if(data1.stopped !== undefined){
if(!(validate107(data1.stopped, {instancePath:instancePath+"/rules/stopped",parentData:data1,parentDataProperty:"stopped",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate107.errors : vErrors.concat(validate107.errors);
errors = vErrors.length;
}
}
if(data1.paused !== undefined){
if(!(validate107(data1.paused, {instancePath:instancePath+"/rules/paused",parentData:data1,parentDataProperty:"paused",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate107.errors : vErrors.concat(validate107.errors);
errors = vErrors.length;
}
}
if(data1.restarting !== undefined){
if(!(validate107(data1.restarting, {instancePath:instancePath+"/rules/restarting",parentData:data1,parentDataProperty:"restarting",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate107.errors : vErrors.concat(validate107.errors);
errors = vErrors.length;
}
}
if(data1.definition !== undefined){
if(!(validate107(data1.definition, {instancePath:instancePath+"/rules/definition",parentData:data1,parentDataProperty:"definition",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate107.errors : vErrors.concat(validate107.errors);
errors = vErrors.length;
}
}
if(data1.files !== undefined){
if(!(validate107(data1.files, {instancePath:instancePath+"/rules/files",parentData:data1,parentDataProperty:"files",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate107.errors : vErrors.concat(validate107.errors);
errors = vErrors.length;
}
}
if(data1["files-edited"] !== undefined){
if(!(validate107(data1["files-edited"], {instancePath:instancePath+"/rules/files-edited",parentData:data1,parentDataProperty:"files-edited",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate107.errors : vErrors.concat(validate107.errors);
errors = vErrors.length;
}
}
if(data1["image-local"] !== undefined){
if(!(validate107(data1["image-local"], {instancePath:instancePath+"/rules/image-local",parentData:data1,parentDataProperty:"image-local",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate107.errors : vErrors.concat(validate107.errors);
errors = vErrors.length;
}
}
if(data1["image-moved"] !== undefined){
if(!(validate107(data1["image-moved"], {instancePath:instancePath+"/rules/image-moved",parentData:data1,parentDataProperty:"image-moved",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate107.errors : vErrors.concat(validate107.errors);
errors = vErrors.length;
}
}
if(data1.limits !== undefined){
if(!(validate107(data1.limits, {instancePath:instancePath+"/rules/limits",parentData:data1,parentDataProperty:"limits",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate107.errors : vErrors.concat(validate107.errors);
errors = vErrors.length;
}
}
if(data1.network !== undefined){
if(!(validate107(data1.network, {instancePath:instancePath+"/rules/network",parentData:data1,parentDataProperty:"network",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate107.errors : vErrors.concat(validate107.errors);
errors = vErrors.length;
}
}
if(data1.renamed !== undefined){
if(!(validate107(data1.renamed, {instancePath:instancePath+"/rules/renamed",parentData:data1,parentDataProperty:"renamed",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate107.errors : vErrors.concat(validate107.errors);
errors = vErrors.length;
}
}
if(data1.orphan !== undefined){
if(!(validate107(data1.orphan, {instancePath:instancePath+"/rules/orphan",parentData:data1,parentDataProperty:"orphan",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate107.errors : vErrors.concat(validate107.errors);
errors = vErrors.length;
}
}
if(data1.foreign !== undefined){
if(!(validate107(data1.foreign, {instancePath:instancePath+"/rules/foreign",parentData:data1,parentDataProperty:"foreign",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate107.errors : vErrors.concat(validate107.errors);
errors = vErrors.length;
}
}
if(data1["tool-changed"] !== undefined){
if(!(validate107(data1["tool-changed"], {instancePath:instancePath+"/rules/tool-changed",parentData:data1,parentDataProperty:"tool-changed",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate107.errors : vErrors.concat(validate107.errors);
errors = vErrors.length;
}
}
if(data1["unmanaged-stack"] !== undefined){
if(!(validate107(data1["unmanaged-stack"], {instancePath:instancePath+"/rules/unmanaged-stack",parentData:data1,parentDataProperty:"unmanaged-stack",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate107.errors : vErrors.concat(validate107.errors);
errors = vErrors.length;
}
}
if(data1.volume !== undefined){
if(!(validate107(data1.volume, {instancePath:instancePath+"/rules/volume",parentData:data1,parentDataProperty:"volume",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate107.errors : vErrors.concat(validate107.errors);
errors = vErrors.length;
}
}
if(data1["network-definition"] !== undefined){
if(!(validate107(data1["network-definition"], {instancePath:instancePath+"/rules/network-definition",parentData:data1,parentDataProperty:"network-definition",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate107.errors : vErrors.concat(validate107.errors);
errors = vErrors.length;
}
}
if(data1.unhealthy !== undefined){
if(!(validate107(data1.unhealthy, {instancePath:instancePath+"/rules/unhealthy",parentData:data1,parentDataProperty:"unhealthy",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate107.errors : vErrors.concat(validate107.errors);
errors = vErrors.length;
}
}
}
else {
const err2 = {instancePath:instancePath+"/rules",keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err2);
errors++;
}
}
}
else {
const err3 = {instancePath,keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err3);
errors++;
}
validate106.errors = vErrors;
return errors === 0;
}
validate106.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

const schema40 = {"type":"array","items":{"type":"object","additionalProperties":false,"required":["files","service","action"],"properties":{"files":{"type":"array","items":{"type":"string","minLength":1},"minItems":1},"service":{"type":"string","minLength":1},"action":{"enum":["recreate","restart","signal"]},"signal":{"type":"string","pattern":"^(?:SIG)?[A-Z][A-Z0-9]*$"}}}};
const pattern18 = new RegExp("^(?:SIG)?[A-Z][A-Z0-9]*$", "u");

function validate130(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate130.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(Array.isArray(data)){
const len0 = data.length;
for(let i0=0; i0<len0; i0++){
let data0 = data[i0];
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
if(data0.files === undefined){
const err0 = {instancePath:instancePath+"/" + i0,keyword:"required",params:{missingProperty: "files"}};
vErrors = collect(vErrors, err0);
errors++;
}
if(data0.service === undefined){
const err1 = {instancePath:instancePath+"/" + i0,keyword:"required",params:{missingProperty: "service"}};
vErrors = collect(vErrors, err1);
errors++;
}
if(data0.action === undefined){
const err2 = {instancePath:instancePath+"/" + i0,keyword:"required",params:{missingProperty: "action"}};
vErrors = collect(vErrors, err2);
errors++;
}
for(const key0 in data0){
if(!((((key0 === "files") || (key0 === "service")) || (key0 === "action")) || (key0 === "signal"))){
const err3 = {instancePath:instancePath+"/" + i0,keyword:"additionalProperties",params:{additionalProperty: key0}};
vErrors = collect(vErrors, err3);
errors++;
}
}
if(data0.files !== undefined){
let data1 = data0.files;
if(Array.isArray(data1)){
if(data1.length < 1){
const err4 = {instancePath:instancePath+"/" + i0+"/files",keyword:"minItems",params:{limit: 1}};
vErrors = collect(vErrors, err4);
errors++;
}
const len1 = data1.length;
for(let i1=0; i1<len1; i1++){
let data2 = data1[i1];
if(typeof data2 === "string"){
if(func1(data2) < 1){
const err5 = {instancePath:instancePath+"/" + i0+"/files/" + i1,keyword:"minLength",params:{limit: 1}};
vErrors = collect(vErrors, err5);
errors++;
}
}
else {
const err6 = {instancePath:instancePath+"/" + i0+"/files/" + i1,keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err6);
errors++;
}
}
}
else {
const err7 = {instancePath:instancePath+"/" + i0+"/files",keyword:"type",params:{type: "array"}};
vErrors = collect(vErrors, err7);
errors++;
}
}
if(data0.service !== undefined){
let data3 = data0.service;
if(typeof data3 === "string"){
if(func1(data3) < 1){
const err8 = {instancePath:instancePath+"/" + i0+"/service",keyword:"minLength",params:{limit: 1}};
vErrors = collect(vErrors, err8);
errors++;
}
}
else {
const err9 = {instancePath:instancePath+"/" + i0+"/service",keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err9);
errors++;
}
}
if(data0.action !== undefined){
let data4 = data0.action;
if(!(((data4 === "recreate") || (data4 === "restart")) || (data4 === "signal"))){
const err10 = {instancePath:instancePath+"/" + i0+"/action",keyword:"enum",params:{allowedValues: schema40.items.properties.action.enum}};
vErrors = collect(vErrors, err10);
errors++;
}
}
if(data0.signal !== undefined){
let data5 = data0.signal;
if(typeof data5 === "string"){
if(!pattern18.test(data5)){
const err11 = {instancePath:instancePath+"/" + i0+"/signal",keyword:"pattern",params:{}};
vErrors = collect(vErrors, err11);
errors++;
}
}
else {
const err12 = {instancePath:instancePath+"/" + i0+"/signal",keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err12);
errors++;
}
}
}
else {
const err13 = {instancePath:instancePath+"/" + i0,keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err13);
errors++;
}
}
}
else {
const err14 = {instancePath,keyword:"type",params:{type: "array"}};
vErrors = collect(vErrors, err14);
errors++;
}
validate130.errors = vErrors;
return errors === 0;
}
validate130.evaluated = {"items":true,"dynamicProps":false,"dynamicItems":false};

const schema41 = {"type":"object","additionalProperties":false,"properties":{"timeout":{"$ref":"#/$defs/common.schema.json.duration"},"interval":{"$ref":"#/$defs/common.schema.json.duration"},"probes":{"type":"array","items":{"type":"object","additionalProperties":false,"properties":{"http":{"type":"object","additionalProperties":false,"properties":{"url":{"type":"string","pattern":"^(?:https?://|\\$)"},"service":{"type":"string","minLength":1},"port":{"type":"integer","minimum":1,"maximum":65535},"path":{"type":"string","pattern":"^/"},"status":{"type":"integer","minimum":100,"maximum":599},"contains":{"type":"string","minLength":1},"timeout":{"$ref":"#/$defs/stack.schema.json.probeTimeout"}},"not":{"required":["url","service"]}},"tcp":{"type":"object","additionalProperties":false,"required":["address"],"properties":{"address":{"type":"string","minLength":1},"timeout":{"$ref":"#/$defs/stack.schema.json.probeTimeout"}}},"dns":{"type":"object","additionalProperties":false,"required":["server","name"],"properties":{"server":{"type":"string","minLength":1},"name":{"type":"string","minLength":1},"type":{"enum":["A","AAAA","CNAME","MX","NS","PTR","SRV","TXT"]},"timeout":{"$ref":"#/$defs/stack.schema.json.probeTimeout"}}},"exec":{"type":"object","additionalProperties":false,"required":["service","command"],"properties":{"service":{"type":"string","minLength":1},"command":{"type":"array","items":{"type":"string"},"minItems":1},"timeout":{"$ref":"#/$defs/stack.schema.json.probeTimeout"}}}},"minProperties":1,"maxProperties":1}}}};

function validate135(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate135.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(typeof data === "string"){
if(!pattern3.test(data)){
const err0 = {instancePath,keyword:"pattern",params:{}};
vErrors = collect(vErrors, err0);
errors++;
}
}
else {
const err1 = {instancePath,keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err1);
errors++;
}
validate135.errors = vErrors;
return errors === 0;
}
validate135.evaluated = {"dynamicProps":false,"dynamicItems":false};

const pattern19 = new RegExp("^(?:https?://|\\$)", "u");

function validate132(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate132.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(((key0 === "timeout") || (key0 === "interval")) || (key0 === "probes"))){
const err0 = {instancePath,keyword:"additionalProperties",params:{additionalProperty: key0}};
vErrors = collect(vErrors, err0);
errors++;
}
}
if(data.timeout !== undefined){
if(!(validate54(data.timeout, {instancePath:instancePath+"/timeout",parentData:data,parentDataProperty:"timeout",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate54.errors : vErrors.concat(validate54.errors);
errors = vErrors.length;
}
}
if(data.interval !== undefined){
if(!(validate54(data.interval, {instancePath:instancePath+"/interval",parentData:data,parentDataProperty:"interval",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate54.errors : vErrors.concat(validate54.errors);
errors = vErrors.length;
}
}
if(data.probes !== undefined){
let data2 = data.probes;
if(Array.isArray(data2)){
const len0 = data2.length;
for(let i0=0; i0<len0; i0++){
let data3 = data2[i0];
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
if(Object.keys(data3).length > 1){
const err1 = {instancePath:instancePath+"/probes/" + i0,keyword:"maxProperties",params:{limit: 1}};
vErrors = collect(vErrors, err1);
errors++;
}
if(Object.keys(data3).length < 1){
const err2 = {instancePath:instancePath+"/probes/" + i0,keyword:"minProperties",params:{limit: 1}};
vErrors = collect(vErrors, err2);
errors++;
}
for(const key1 in data3){
if(!((((key1 === "http") || (key1 === "tcp")) || (key1 === "dns")) || (key1 === "exec"))){
const err3 = {instancePath:instancePath+"/probes/" + i0,keyword:"additionalProperties",params:{additionalProperty: key1}};
vErrors = collect(vErrors, err3);
errors++;
}
}
if(data3.http !== undefined){
let data4 = data3.http;
const _errs11 = errors;
const _errs12 = errors;
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
let missing0;
if(((data4.url === undefined) && (missing0 = "url")) || ((data4.service === undefined) && (missing0 = "service"))){
const err4 = {};
vErrors = collect(vErrors, err4);
errors++;
}
}
var valid4 = _errs12 === errors;
if(valid4){
const err5 = {instancePath:instancePath+"/probes/" + i0+"/http",keyword:"not",params:{}};
vErrors = collect(vErrors, err5);
errors++;
}
else {
errors = _errs11;
if(vErrors !== null){
if(_errs11){
vErrors.length = _errs11;
}
else {
vErrors = null;
}
}
}
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
for(const key2 in data4){
if(!(((((((key2 === "url") || (key2 === "service")) || (key2 === "port")) || (key2 === "path")) || (key2 === "status")) || (key2 === "contains")) || (key2 === "timeout"))){
const err6 = {instancePath:instancePath+"/probes/" + i0+"/http",keyword:"additionalProperties",params:{additionalProperty: key2}};
vErrors = collect(vErrors, err6);
errors++;
}
}
if(data4.url !== undefined){
let data5 = data4.url;
if(typeof data5 === "string"){
if(!pattern19.test(data5)){
const err7 = {instancePath:instancePath+"/probes/" + i0+"/http/url",keyword:"pattern",params:{}};
vErrors = collect(vErrors, err7);
errors++;
}
}
else {
const err8 = {instancePath:instancePath+"/probes/" + i0+"/http/url",keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err8);
errors++;
}
}
if(data4.service !== undefined){
let data6 = data4.service;
if(typeof data6 === "string"){
if(func1(data6) < 1){
const err9 = {instancePath:instancePath+"/probes/" + i0+"/http/service",keyword:"minLength",params:{limit: 1}};
vErrors = collect(vErrors, err9);
errors++;
}
}
else {
const err10 = {instancePath:instancePath+"/probes/" + i0+"/http/service",keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err10);
errors++;
}
}
if(data4.port !== undefined){
let data7 = data4.port;
if(!(((typeof data7 == "number") && (!(data7 % 1) && !isNaN(data7))) && (isFinite(data7)))){
const err11 = {instancePath:instancePath+"/probes/" + i0+"/http/port",keyword:"type",params:{type: "integer"}};
vErrors = collect(vErrors, err11);
errors++;
}
if((typeof data7 == "number") && (isFinite(data7))){
if(data7 > 65535 || isNaN(data7)){
const err12 = {instancePath:instancePath+"/probes/" + i0+"/http/port",keyword:"maximum",params:{comparison: "<=", limit: 65535}};
vErrors = collect(vErrors, err12);
errors++;
}
if(data7 < 1 || isNaN(data7)){
const err13 = {instancePath:instancePath+"/probes/" + i0+"/http/port",keyword:"minimum",params:{comparison: ">=", limit: 1}};
vErrors = collect(vErrors, err13);
errors++;
}
}
}
if(data4.path !== undefined){
let data8 = data4.path;
if(typeof data8 === "string"){
if(!pattern9.test(data8)){
const err14 = {instancePath:instancePath+"/probes/" + i0+"/http/path",keyword:"pattern",params:{}};
vErrors = collect(vErrors, err14);
errors++;
}
}
else {
const err15 = {instancePath:instancePath+"/probes/" + i0+"/http/path",keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err15);
errors++;
}
}
if(data4.status !== undefined){
let data9 = data4.status;
if(!(((typeof data9 == "number") && (!(data9 % 1) && !isNaN(data9))) && (isFinite(data9)))){
const err16 = {instancePath:instancePath+"/probes/" + i0+"/http/status",keyword:"type",params:{type: "integer"}};
vErrors = collect(vErrors, err16);
errors++;
}
if((typeof data9 == "number") && (isFinite(data9))){
if(data9 > 599 || isNaN(data9)){
const err17 = {instancePath:instancePath+"/probes/" + i0+"/http/status",keyword:"maximum",params:{comparison: "<=", limit: 599}};
vErrors = collect(vErrors, err17);
errors++;
}
if(data9 < 100 || isNaN(data9)){
const err18 = {instancePath:instancePath+"/probes/" + i0+"/http/status",keyword:"minimum",params:{comparison: ">=", limit: 100}};
vErrors = collect(vErrors, err18);
errors++;
}
}
}
if(data4.contains !== undefined){
let data10 = data4.contains;
if(typeof data10 === "string"){
if(func1(data10) < 1){
const err19 = {instancePath:instancePath+"/probes/" + i0+"/http/contains",keyword:"minLength",params:{limit: 1}};
vErrors = collect(vErrors, err19);
errors++;
}
}
else {
const err20 = {instancePath:instancePath+"/probes/" + i0+"/http/contains",keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err20);
errors++;
}
}
if(data4.timeout !== undefined){
if(!(validate135(data4.timeout, {instancePath:instancePath+"/probes/" + i0+"/http/timeout",parentData:data4,parentDataProperty:"timeout",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate135.errors : vErrors.concat(validate135.errors);
errors = vErrors.length;
}
}
}
else {
const err21 = {instancePath:instancePath+"/probes/" + i0+"/http",keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err21);
errors++;
}
}
if(data3.tcp !== undefined){
let data12 = data3.tcp;
if(data12 && typeof data12 == "object" && !Array.isArray(data12)){
if(data12.address === undefined){
const err22 = {instancePath:instancePath+"/probes/" + i0+"/tcp",keyword:"required",params:{missingProperty: "address"}};
vErrors = collect(vErrors, err22);
errors++;
}
for(const key3 in data12){
if(!((key3 === "address") || (key3 === "timeout"))){
const err23 = {instancePath:instancePath+"/probes/" + i0+"/tcp",keyword:"additionalProperties",params:{additionalProperty: key3}};
vErrors = collect(vErrors, err23);
errors++;
}
}
if(data12.address !== undefined){
let data13 = data12.address;
if(typeof data13 === "string"){
if(func1(data13) < 1){
const err24 = {instancePath:instancePath+"/probes/" + i0+"/tcp/address",keyword:"minLength",params:{limit: 1}};
vErrors = collect(vErrors, err24);
errors++;
}
}
else {
const err25 = {instancePath:instancePath+"/probes/" + i0+"/tcp/address",keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err25);
errors++;
}
}
if(data12.timeout !== undefined){
if(!(validate135(data12.timeout, {instancePath:instancePath+"/probes/" + i0+"/tcp/timeout",parentData:data12,parentDataProperty:"timeout",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate135.errors : vErrors.concat(validate135.errors);
errors = vErrors.length;
}
}
}
else {
const err26 = {instancePath:instancePath+"/probes/" + i0+"/tcp",keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err26);
errors++;
}
}
if(data3.dns !== undefined){
let data15 = data3.dns;
if(data15 && typeof data15 == "object" && !Array.isArray(data15)){
if(data15.server === undefined){
const err27 = {instancePath:instancePath+"/probes/" + i0+"/dns",keyword:"required",params:{missingProperty: "server"}};
vErrors = collect(vErrors, err27);
errors++;
}
if(data15.name === undefined){
const err28 = {instancePath:instancePath+"/probes/" + i0+"/dns",keyword:"required",params:{missingProperty: "name"}};
vErrors = collect(vErrors, err28);
errors++;
}
for(const key4 in data15){
if(!((((key4 === "server") || (key4 === "name")) || (key4 === "type")) || (key4 === "timeout"))){
const err29 = {instancePath:instancePath+"/probes/" + i0+"/dns",keyword:"additionalProperties",params:{additionalProperty: key4}};
vErrors = collect(vErrors, err29);
errors++;
}
}
if(data15.server !== undefined){
let data16 = data15.server;
if(typeof data16 === "string"){
if(func1(data16) < 1){
const err30 = {instancePath:instancePath+"/probes/" + i0+"/dns/server",keyword:"minLength",params:{limit: 1}};
vErrors = collect(vErrors, err30);
errors++;
}
}
else {
const err31 = {instancePath:instancePath+"/probes/" + i0+"/dns/server",keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err31);
errors++;
}
}
if(data15.name !== undefined){
let data17 = data15.name;
if(typeof data17 === "string"){
if(func1(data17) < 1){
const err32 = {instancePath:instancePath+"/probes/" + i0+"/dns/name",keyword:"minLength",params:{limit: 1}};
vErrors = collect(vErrors, err32);
errors++;
}
}
else {
const err33 = {instancePath:instancePath+"/probes/" + i0+"/dns/name",keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err33);
errors++;
}
}
if(data15.type !== undefined){
let data18 = data15.type;
if(!((((((((data18 === "A") || (data18 === "AAAA")) || (data18 === "CNAME")) || (data18 === "MX")) || (data18 === "NS")) || (data18 === "PTR")) || (data18 === "SRV")) || (data18 === "TXT"))){
const err34 = {instancePath:instancePath+"/probes/" + i0+"/dns/type",keyword:"enum",params:{allowedValues: schema41.properties.probes.items.properties.dns.properties.type.enum}};
vErrors = collect(vErrors, err34);
errors++;
}
}
if(data15.timeout !== undefined){
if(!(validate135(data15.timeout, {instancePath:instancePath+"/probes/" + i0+"/dns/timeout",parentData:data15,parentDataProperty:"timeout",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate135.errors : vErrors.concat(validate135.errors);
errors = vErrors.length;
}
}
}
else {
const err35 = {instancePath:instancePath+"/probes/" + i0+"/dns",keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err35);
errors++;
}
}
if(data3.exec !== undefined){
let data20 = data3.exec;
if(data20 && typeof data20 == "object" && !Array.isArray(data20)){
if(data20.service === undefined){
const err36 = {instancePath:instancePath+"/probes/" + i0+"/exec",keyword:"required",params:{missingProperty: "service"}};
vErrors = collect(vErrors, err36);
errors++;
}
if(data20.command === undefined){
const err37 = {instancePath:instancePath+"/probes/" + i0+"/exec",keyword:"required",params:{missingProperty: "command"}};
vErrors = collect(vErrors, err37);
errors++;
}
for(const key5 in data20){
if(!(((key5 === "service") || (key5 === "command")) || (key5 === "timeout"))){
const err38 = {instancePath:instancePath+"/probes/" + i0+"/exec",keyword:"additionalProperties",params:{additionalProperty: key5}};
vErrors = collect(vErrors, err38);
errors++;
}
}
if(data20.service !== undefined){
let data21 = data20.service;
if(typeof data21 === "string"){
if(func1(data21) < 1){
const err39 = {instancePath:instancePath+"/probes/" + i0+"/exec/service",keyword:"minLength",params:{limit: 1}};
vErrors = collect(vErrors, err39);
errors++;
}
}
else {
const err40 = {instancePath:instancePath+"/probes/" + i0+"/exec/service",keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err40);
errors++;
}
}
if(data20.command !== undefined){
let data22 = data20.command;
if(Array.isArray(data22)){
if(data22.length < 1){
const err41 = {instancePath:instancePath+"/probes/" + i0+"/exec/command",keyword:"minItems",params:{limit: 1}};
vErrors = collect(vErrors, err41);
errors++;
}
const len1 = data22.length;
for(let i1=0; i1<len1; i1++){
if(typeof data22[i1] !== "string"){
const err42 = {instancePath:instancePath+"/probes/" + i0+"/exec/command/" + i1,keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err42);
errors++;
}
}
}
else {
const err43 = {instancePath:instancePath+"/probes/" + i0+"/exec/command",keyword:"type",params:{type: "array"}};
vErrors = collect(vErrors, err43);
errors++;
}
}
if(data20.timeout !== undefined){
if(!(validate135(data20.timeout, {instancePath:instancePath+"/probes/" + i0+"/exec/timeout",parentData:data20,parentDataProperty:"timeout",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate135.errors : vErrors.concat(validate135.errors);
errors = vErrors.length;
}
}
}
else {
const err44 = {instancePath:instancePath+"/probes/" + i0+"/exec",keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err44);
errors++;
}
}
}
else {
const err45 = {instancePath:instancePath+"/probes/" + i0,keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err45);
errors++;
}
}
}
else {
const err46 = {instancePath:instancePath+"/probes",keyword:"type",params:{type: "array"}};
vErrors = collect(vErrors, err46);
errors++;
}
}
}
else {
const err47 = {instancePath,keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err47);
errors++;
}
validate132.errors = vErrors;
return errors === 0;
}
validate132.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

const schema43 = {"enum":[true,false,"always"]};

function validate141(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate141.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(!(((data === true) || (data === false)) || (data === "always"))){
const err0 = {instancePath,keyword:"enum",params:{allowedValues: schema43.enum}};
vErrors = collect(vErrors, err0);
errors++;
}
validate141.errors = vErrors;
return errors === 0;
}
validate141.evaluated = {"dynamicProps":false,"dynamicItems":false};


function validate143(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate143.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(typeof data !== "boolean"){
const err0 = {instancePath,keyword:"type",params:{type: "boolean"}};
vErrors = collect(vErrors, err0);
errors++;
}
validate143.errors = vErrors;
return errors === 0;
}
validate143.evaluated = {"dynamicProps":false,"dynamicItems":false};


function validate146(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate146.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.service === undefined){
const err0 = {instancePath,keyword:"required",params:{missingProperty: "service"}};
vErrors = collect(vErrors, err0);
errors++;
}
if(data.command === undefined){
const err1 = {instancePath,keyword:"required",params:{missingProperty: "command"}};
vErrors = collect(vErrors, err1);
errors++;
}
for(const key0 in data){
if(!(((key0 === "service") || (key0 === "command")) || (key0 === "timeout"))){
const err2 = {instancePath,keyword:"additionalProperties",params:{additionalProperty: key0}};
vErrors = collect(vErrors, err2);
errors++;
}
}
if(data.service !== undefined){
let data0 = data.service;
if(typeof data0 === "string"){
if(func1(data0) < 1){
const err3 = {instancePath:instancePath+"/service",keyword:"minLength",params:{limit: 1}};
vErrors = collect(vErrors, err3);
errors++;
}
}
else {
const err4 = {instancePath:instancePath+"/service",keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err4);
errors++;
}
}
if(data.command !== undefined){
let data1 = data.command;
if(Array.isArray(data1)){
if(data1.length < 1){
const err5 = {instancePath:instancePath+"/command",keyword:"minItems",params:{limit: 1}};
vErrors = collect(vErrors, err5);
errors++;
}
const len0 = data1.length;
for(let i0=0; i0<len0; i0++){
if(typeof data1[i0] !== "string"){
const err6 = {instancePath:instancePath+"/command/" + i0,keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err6);
errors++;
}
}
}
else {
const err7 = {instancePath:instancePath+"/command",keyword:"type",params:{type: "array"}};
vErrors = collect(vErrors, err7);
errors++;
}
}
if(data.timeout !== undefined){
if(!(validate54(data.timeout, {instancePath:instancePath+"/timeout",parentData:data,parentDataProperty:"timeout",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate54.errors : vErrors.concat(validate54.errors);
errors = vErrors.length;
}
}
}
else {
const err8 = {instancePath,keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err8);
errors++;
}
validate146.errors = vErrors;
return errors === 0;
}
validate146.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};


function validate145(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate145.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!((key0 === "preConverge") || (key0 === "postConverge"))){
const err0 = {instancePath,keyword:"additionalProperties",params:{additionalProperty: key0}};
vErrors = collect(vErrors, err0);
errors++;
}
}
if(data.preConverge !== undefined){
let data0 = data.preConverge;
if(Array.isArray(data0)){
const len0 = data0.length;
for(let i0=0; i0<len0; i0++){
if(!(validate146(data0[i0], {instancePath:instancePath+"/preConverge/" + i0,parentData:data0,parentDataProperty:i0,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate146.errors : vErrors.concat(validate146.errors);
errors = vErrors.length;
}
}
}
else {
const err1 = {instancePath:instancePath+"/preConverge",keyword:"type",params:{type: "array"}};
vErrors = collect(vErrors, err1);
errors++;
}
}
if(data.postConverge !== undefined){
let data2 = data.postConverge;
if(Array.isArray(data2)){
const len1 = data2.length;
for(let i1=0; i1<len1; i1++){
if(!(validate146(data2[i1], {instancePath:instancePath+"/postConverge/" + i1,parentData:data2,parentDataProperty:i1,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate146.errors : vErrors.concat(validate146.errors);
errors = vErrors.length;
}
}
}
else {
const err2 = {instancePath:instancePath+"/postConverge",keyword:"type",params:{type: "array"}};
vErrors = collect(vErrors, err2);
errors++;
}
}
}
else {
const err3 = {instancePath,keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err3);
errors++;
}
validate145.errors = vErrors;
return errors === 0;
}
validate145.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};


function validate151(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate151.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(Array.isArray(data)){
const len0 = data.length;
for(let i0=0; i0<len0; i0++){
let data0 = data[i0];
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
if(data0.name === undefined){
const err0 = {instancePath:instancePath+"/" + i0,keyword:"required",params:{missingProperty: "name"}};
vErrors = collect(vErrors, err0);
errors++;
}
if(data0.service === undefined){
const err1 = {instancePath:instancePath+"/" + i0,keyword:"required",params:{missingProperty: "service"}};
vErrors = collect(vErrors, err1);
errors++;
}
if(data0.schedule === undefined){
const err2 = {instancePath:instancePath+"/" + i0,keyword:"required",params:{missingProperty: "schedule"}};
vErrors = collect(vErrors, err2);
errors++;
}
for(const key0 in data0){
if(!(((((((key0 === "name") || (key0 === "service")) || (key0 === "schedule")) || (key0 === "timezone")) || (key0 === "timeout")) || (key0 === "deadline")) || (key0 === "retries"))){
const err3 = {instancePath:instancePath+"/" + i0,keyword:"additionalProperties",params:{additionalProperty: key0}};
vErrors = collect(vErrors, err3);
errors++;
}
}
if(data0.name !== undefined){
if(!(validate97(data0.name, {instancePath:instancePath+"/" + i0+"/name",parentData:data0,parentDataProperty:"name",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate97.errors : vErrors.concat(validate97.errors);
errors = vErrors.length;
}
}
if(data0.service !== undefined){
let data2 = data0.service;
if(typeof data2 === "string"){
if(func1(data2) < 1){
const err4 = {instancePath:instancePath+"/" + i0+"/service",keyword:"minLength",params:{limit: 1}};
vErrors = collect(vErrors, err4);
errors++;
}
}
else {
const err5 = {instancePath:instancePath+"/" + i0+"/service",keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err5);
errors++;
}
}
if(data0.schedule !== undefined){
let data3 = data0.schedule;
if(typeof data3 === "string"){
if(func1(data3) < 1){
const err6 = {instancePath:instancePath+"/" + i0+"/schedule",keyword:"minLength",params:{limit: 1}};
vErrors = collect(vErrors, err6);
errors++;
}
}
else {
const err7 = {instancePath:instancePath+"/" + i0+"/schedule",keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err7);
errors++;
}
}
if(data0.timezone !== undefined){
let data4 = data0.timezone;
if(typeof data4 === "string"){
if(func1(data4) < 1){
const err8 = {instancePath:instancePath+"/" + i0+"/timezone",keyword:"minLength",params:{limit: 1}};
vErrors = collect(vErrors, err8);
errors++;
}
}
else {
const err9 = {instancePath:instancePath+"/" + i0+"/timezone",keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err9);
errors++;
}
}
if(data0.timeout !== undefined){
if(!(validate54(data0.timeout, {instancePath:instancePath+"/" + i0+"/timeout",parentData:data0,parentDataProperty:"timeout",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate54.errors : vErrors.concat(validate54.errors);
errors = vErrors.length;
}
}
if(data0.deadline !== undefined){
if(!(validate54(data0.deadline, {instancePath:instancePath+"/" + i0+"/deadline",parentData:data0,parentDataProperty:"deadline",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate54.errors : vErrors.concat(validate54.errors);
errors = vErrors.length;
}
}
if(data0.retries !== undefined){
let data7 = data0.retries;
if(!(((typeof data7 == "number") && (!(data7 % 1) && !isNaN(data7))) && (isFinite(data7)))){
const err10 = {instancePath:instancePath+"/" + i0+"/retries",keyword:"type",params:{type: "integer"}};
vErrors = collect(vErrors, err10);
errors++;
}
if((typeof data7 == "number") && (isFinite(data7))){
if(data7 < 0 || isNaN(data7)){
const err11 = {instancePath:instancePath+"/" + i0+"/retries",keyword:"minimum",params:{comparison: ">=", limit: 0}};
vErrors = collect(vErrors, err11);
errors++;
}
}
}
}
else {
const err12 = {instancePath:instancePath+"/" + i0,keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err12);
errors++;
}
}
}
else {
const err13 = {instancePath,keyword:"type",params:{type: "array"}};
vErrors = collect(vErrors, err13);
errors++;
}
validate151.errors = vErrors;
return errors === 0;
}
validate151.evaluated = {"items":true,"dynamicProps":false,"dynamicItems":false};

const pattern11 = new RegExp("^(?:100|[0-9]{1,2})%$", "u");

function validate53(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate53.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!((((((((key0 === "interval") || (key0 === "vars")) || (key0 === "agent")) || (key0 === "alerts")) || (key0 === "policy")) || (key0 === "prune")) || (key0 === "fleet")) || (key0 === "defaults"))){
const err0 = {instancePath,keyword:"additionalProperties",params:{additionalProperty: key0}};
vErrors = collect(vErrors, err0);
errors++;
}
}
if(data.interval !== undefined){
if(!(validate54(data.interval, {instancePath:instancePath+"/interval",parentData:data,parentDataProperty:"interval",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate54.errors : vErrors.concat(validate54.errors);
errors = vErrors.length;
}
}
if(data.vars !== undefined){
if(!(validate56(data.vars, {instancePath:instancePath+"/vars",parentData:data,parentDataProperty:"vars",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate56.errors : vErrors.concat(validate56.errors);
errors = vErrors.length;
}
}
if(data.agent !== undefined){
if(!(validate58(data.agent, {instancePath:instancePath+"/agent",parentData:data,parentDataProperty:"agent",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate58.errors : vErrors.concat(validate58.errors);
errors = vErrors.length;
}
}
if(data.alerts !== undefined){
let data3 = data.alerts;
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
for(const key1 in data3){
if(!((((((key1 === "labels") || (key1 === "minFiring")) || (key1 === "alertmanager")) || (key1 === "webhook")) || (key1 === "runbook")) || (key1 === "heartbeat"))){
const err1 = {instancePath:instancePath+"/alerts",keyword:"additionalProperties",params:{additionalProperty: key1}};
vErrors = collect(vErrors, err1);
errors++;
}
}
if(data3.labels !== undefined){
if(!(validate63(data3.labels, {instancePath:instancePath+"/alerts/labels",parentData:data3,parentDataProperty:"labels",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate63.errors : vErrors.concat(validate63.errors);
errors = vErrors.length;
}
}
if(data3.minFiring !== undefined){
if(!(validate54(data3.minFiring, {instancePath:instancePath+"/alerts/minFiring",parentData:data3,parentDataProperty:"minFiring",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate54.errors : vErrors.concat(validate54.errors);
errors = vErrors.length;
}
}
if(data3.alertmanager !== undefined){
let data6 = data3.alertmanager;
if(Array.isArray(data6)){
const len0 = data6.length;
for(let i0=0; i0<len0; i0++){
if(!(validate66(data6[i0], {instancePath:instancePath+"/alerts/alertmanager/" + i0,parentData:data6,parentDataProperty:i0,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate66.errors : vErrors.concat(validate66.errors);
errors = vErrors.length;
}
}
}
else {
const err2 = {instancePath:instancePath+"/alerts/alertmanager",keyword:"type",params:{type: "array"}};
vErrors = collect(vErrors, err2);
errors++;
}
}
if(data3.webhook !== undefined){
let data8 = data3.webhook;
if(Array.isArray(data8)){
const len1 = data8.length;
for(let i1=0; i1<len1; i1++){
if(!(validate66(data8[i1], {instancePath:instancePath+"/alerts/webhook/" + i1,parentData:data8,parentDataProperty:i1,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate66.errors : vErrors.concat(validate66.errors);
errors = vErrors.length;
}
}
}
else {
const err3 = {instancePath:instancePath+"/alerts/webhook",keyword:"type",params:{type: "array"}};
vErrors = collect(vErrors, err3);
errors++;
}
}
if(data3.runbook !== undefined){
let data10 = data3.runbook;
if(typeof data10 === "string"){
if(!pattern6.test(data10)){
const err4 = {instancePath:instancePath+"/alerts/runbook",keyword:"pattern",params:{}};
vErrors = collect(vErrors, err4);
errors++;
}
}
else {
const err5 = {instancePath:instancePath+"/alerts/runbook",keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err5);
errors++;
}
}
if(data3.heartbeat !== undefined){
if(typeof data3.heartbeat !== "boolean"){
const err6 = {instancePath:instancePath+"/alerts/heartbeat",keyword:"type",params:{type: "boolean"}};
vErrors = collect(vErrors, err6);
errors++;
}
}
}
else {
const err7 = {instancePath:instancePath+"/alerts",keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err7);
errors++;
}
}
if(data.policy !== undefined){
if(!(validate73(data.policy, {instancePath:instancePath+"/policy",parentData:data,parentDataProperty:"policy",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate73.errors : vErrors.concat(validate73.errors);
errors = vErrors.length;
}
}
if(data.prune !== undefined){
let data13 = data.prune;
if(data13 && typeof data13 == "object" && !Array.isArray(data13)){
for(const key2 in data13){
if(!(key2 === "maxRemovals")){
const err8 = {instancePath:instancePath+"/prune",keyword:"additionalProperties",params:{additionalProperty: key2}};
vErrors = collect(vErrors, err8);
errors++;
}
}
if(data13.maxRemovals !== undefined){
let data14 = data13.maxRemovals;
if((!(((typeof data14 == "number") && (!(data14 % 1) && !isNaN(data14))) && (isFinite(data14)))) && (typeof data14 !== "string")){
const err9 = {instancePath:instancePath+"/prune/maxRemovals",keyword:"type",params:{type: schema20.properties.prune.properties.maxRemovals.type}};
vErrors = collect(vErrors, err9);
errors++;
}
if((typeof data14 == "number") && (isFinite(data14))){
if(data14 < 0 || isNaN(data14)){
const err10 = {instancePath:instancePath+"/prune/maxRemovals",keyword:"minimum",params:{comparison: ">=", limit: 0}};
vErrors = collect(vErrors, err10);
errors++;
}
}
if(typeof data14 === "string"){
if(!pattern11.test(data14)){
const err11 = {instancePath:instancePath+"/prune/maxRemovals",keyword:"pattern",params:{}};
vErrors = collect(vErrors, err11);
errors++;
}
}
}
}
else {
const err12 = {instancePath:instancePath+"/prune",keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err12);
errors++;
}
}
if(data.fleet !== undefined){
let data15 = data.fleet;
if(data15 && typeof data15 == "object" && !Array.isArray(data15)){
for(const key3 in data15){
if(!(key3 === "tokenFile")){
const err13 = {instancePath:instancePath+"/fleet",keyword:"additionalProperties",params:{additionalProperty: key3}};
vErrors = collect(vErrors, err13);
errors++;
}
}
if(data15.tokenFile !== undefined){
if(!(validate67(data15.tokenFile, {instancePath:instancePath+"/fleet/tokenFile",parentData:data15,parentDataProperty:"tokenFile",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate67.errors : vErrors.concat(validate67.errors);
errors = vErrors.length;
}
}
}
else {
const err14 = {instancePath:instancePath+"/fleet",keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err14);
errors++;
}
}
if(data.defaults !== undefined){
let data17 = data.defaults;
if(data17 && typeof data17 == "object" && !Array.isArray(data17)){
for(const key4 in data17){
if(!(func2.call(schema20.properties.defaults.properties, key4))){
const err15 = {instancePath:instancePath+"/defaults",keyword:"additionalProperties",params:{additionalProperty: key4}};
vErrors = collect(vErrors, err15);
errors++;
}
}
if(data17.root !== undefined){
if(!(validate86(data17.root, {instancePath:instancePath+"/defaults/root",parentData:data17,parentDataProperty:"root",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate86.errors : vErrors.concat(validate86.errors);
errors = vErrors.length;
}
}
if(data17.vars !== undefined){
if(!(validate56(data17.vars, {instancePath:instancePath+"/defaults/vars",parentData:data17,parentDataProperty:"vars",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate56.errors : vErrors.concat(validate56.errors);
errors = vErrors.length;
}
}
if(data17.secrets !== undefined){
if(!(validate89(data17.secrets, {instancePath:instancePath+"/defaults/secrets",parentData:data17,parentDataProperty:"secrets",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate89.errors : vErrors.concat(validate89.errors);
errors = vErrors.length;
}
}
if(data17.hostEnvFiles !== undefined){
if(!(validate93(data17.hostEnvFiles, {instancePath:instancePath+"/defaults/hostEnvFiles",parentData:data17,parentDataProperty:"hostEnvFiles",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate93.errors : vErrors.concat(validate93.errors);
errors = vErrors.length;
}
}
if(data17.dependsOn !== undefined){
if(!(validate96(data17.dependsOn, {instancePath:instancePath+"/defaults/dependsOn",parentData:data17,parentDataProperty:"dependsOn",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate96.errors : vErrors.concat(validate96.errors);
errors = vErrors.length;
}
}
if(data17.requires !== undefined){
if(!(validate100(data17.requires, {instancePath:instancePath+"/defaults/requires",parentData:data17,parentDataProperty:"requires",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate100.errors : vErrors.concat(validate100.errors);
errors = vErrors.length;
}
}
if(data17.drift !== undefined){
if(!(validate106(data17.drift, {instancePath:instancePath+"/defaults/drift",parentData:data17,parentDataProperty:"drift",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate106.errors : vErrors.concat(validate106.errors);
errors = vErrors.length;
}
}
if(data17.onChange !== undefined){
if(!(validate130(data17.onChange, {instancePath:instancePath+"/defaults/onChange",parentData:data17,parentDataProperty:"onChange",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate130.errors : vErrors.concat(validate130.errors);
errors = vErrors.length;
}
}
if(data17.verify !== undefined){
if(!(validate132(data17.verify, {instancePath:instancePath+"/defaults/verify",parentData:data17,parentDataProperty:"verify",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate132.errors : vErrors.concat(validate132.errors);
errors = vErrors.length;
}
}
if(data17.rollback !== undefined){
if(!(validate141(data17.rollback, {instancePath:instancePath+"/defaults/rollback",parentData:data17,parentDataProperty:"rollback",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate141.errors : vErrors.concat(validate141.errors);
errors = vErrors.length;
}
}
if(data17.adopt !== undefined){
if(!(validate143(data17.adopt, {instancePath:instancePath+"/defaults/adopt",parentData:data17,parentDataProperty:"adopt",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate143.errors : vErrors.concat(validate143.errors);
errors = vErrors.length;
}
}
if(data17.hooks !== undefined){
if(!(validate145(data17.hooks, {instancePath:instancePath+"/defaults/hooks",parentData:data17,parentDataProperty:"hooks",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate145.errors : vErrors.concat(validate145.errors);
errors = vErrors.length;
}
}
if(data17.jobs !== undefined){
if(!(validate151(data17.jobs, {instancePath:instancePath+"/defaults/jobs",parentData:data17,parentDataProperty:"jobs",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate151.errors : vErrors.concat(validate151.errors);
errors = vErrors.length;
}
}
}
else {
const err16 = {instancePath:instancePath+"/defaults",keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err16);
errors++;
}
}
}
else {
const err17 = {instancePath,keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err17);
errors++;
}
validate53.errors = vErrors;
return errors === 0;
}
validate53.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

export const host = validate156;
const schema48 = {"type":"object","additionalProperties":false,"properties":{"platform":{"enum":["linux/amd64","linux/arm64"]},"labels":{"$ref":"#/$defs/common.schema.json.labels"},"vars":{"$ref":"#/$defs/common.schema.json.vars"},"address":{"type":"string","pattern":"^https?://[^\\s/]"},"requires":{"$ref":"#/$defs/common.schema.json.requires"},"agent":{"$ref":"#/$defs/common.schema.json.agentRelease"},"suspend":{"type":"boolean"}}};

function validate156(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate156.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(((((((key0 === "platform") || (key0 === "labels")) || (key0 === "vars")) || (key0 === "address")) || (key0 === "requires")) || (key0 === "agent")) || (key0 === "suspend"))){
const err0 = {instancePath,keyword:"additionalProperties",params:{additionalProperty: key0}};
vErrors = collect(vErrors, err0);
errors++;
}
}
if(data.platform !== undefined){
let data0 = data.platform;
if(!((data0 === "linux/amd64") || (data0 === "linux/arm64"))){
const err1 = {instancePath:instancePath+"/platform",keyword:"enum",params:{allowedValues: schema48.properties.platform.enum}};
vErrors = collect(vErrors, err1);
errors++;
}
}
if(data.labels !== undefined){
if(!(validate63(data.labels, {instancePath:instancePath+"/labels",parentData:data,parentDataProperty:"labels",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate63.errors : vErrors.concat(validate63.errors);
errors = vErrors.length;
}
}
if(data.vars !== undefined){
if(!(validate56(data.vars, {instancePath:instancePath+"/vars",parentData:data,parentDataProperty:"vars",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate56.errors : vErrors.concat(validate56.errors);
errors = vErrors.length;
}
}
if(data.address !== undefined){
let data3 = data.address;
if(typeof data3 === "string"){
if(!pattern6.test(data3)){
const err2 = {instancePath:instancePath+"/address",keyword:"pattern",params:{}};
vErrors = collect(vErrors, err2);
errors++;
}
}
else {
const err3 = {instancePath:instancePath+"/address",keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err3);
errors++;
}
}
if(data.requires !== undefined){
if(!(validate100(data.requires, {instancePath:instancePath+"/requires",parentData:data,parentDataProperty:"requires",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate100.errors : vErrors.concat(validate100.errors);
errors = vErrors.length;
}
}
if(data.agent !== undefined){
if(!(validate58(data.agent, {instancePath:instancePath+"/agent",parentData:data,parentDataProperty:"agent",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate58.errors : vErrors.concat(validate58.errors);
errors = vErrors.length;
}
}
if(data.suspend !== undefined){
if(typeof data.suspend !== "boolean"){
const err4 = {instancePath:instancePath+"/suspend",keyword:"type",params:{type: "boolean"}};
vErrors = collect(vErrors, err4);
errors++;
}
}
}
else {
const err5 = {instancePath,keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err5);
errors++;
}
validate156.errors = vErrors;
return errors === 0;
}
validate156.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

export const stack = validate161;
const schema49 = {"type":"object","additionalProperties":false,"required":["hosts"],"properties":{"hosts":{"oneOf":[{"const":"all"},{"type":"object","additionalProperties":false,"required":["labels"],"properties":{"labels":{"$ref":"#/$defs/common.schema.json.labels","type":"object","minProperties":1}}},{"type":"object","additionalProperties":false,"required":["names"],"properties":{"names":{"type":"array","items":{"$ref":"#/$defs/common.schema.json.name"},"minItems":1,"uniqueItems":true}}}]},"root":{"$ref":"#/$defs/stack.schema.json.root"},"compose":{"type":"object","additionalProperties":false,"properties":{"files":{"type":"array","items":{"$ref":"#/$defs/common.schema.json.innerPath"},"minItems":1,"uniqueItems":true},"profiles":{"type":"array","items":{"type":"string","pattern":"^[a-zA-Z0-9][a-zA-Z0-9_.-]*$"},"uniqueItems":true},"envFiles":{"type":"array","items":{"$ref":"#/$defs/common.schema.json.innerPath"},"uniqueItems":true}}},"vars":{"$ref":"#/$defs/common.schema.json.vars"},"secrets":{"$ref":"#/$defs/stack.schema.json.secrets"},"hostEnvFiles":{"$ref":"#/$defs/stack.schema.json.hostEnvFiles"},"dependsOn":{"$ref":"#/$defs/stack.schema.json.dependsOn"},"policyExceptions":{"type":"array","items":{"type":"object","additionalProperties":false,"required":["rule","reason","expires"],"properties":{"rule":{"$ref":"#/$defs/common.schema.json.policyRule"},"service":{"type":"string","minLength":1},"reason":{"type":"string","minLength":1},"expires":{"type":"string","pattern":"^\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])$"}}}},"requires":{"$ref":"#/$defs/common.schema.json.requires"},"drift":{"$ref":"#/$defs/stack.schema.json.drift"},"onChange":{"$ref":"#/$defs/stack.schema.json.onChange"},"verify":{"$ref":"#/$defs/stack.schema.json.verify"},"rollback":{"$ref":"#/$defs/stack.schema.json.rollback"},"adopt":{"$ref":"#/$defs/stack.schema.json.adopt"},"hooks":{"$ref":"#/$defs/stack.schema.json.hooks"},"jobs":{"$ref":"#/$defs/stack.schema.json.jobs"}}};
const schema50 = {"enum":["image-latest-tag","image-not-pinned","wildcard-bind","privileged","no-healthcheck","no-limits","runs-as-root","secret-in-plain-text","allowed-registries"]};

function validate171(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate171.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(!(((((((((data === "image-latest-tag") || (data === "image-not-pinned")) || (data === "wildcard-bind")) || (data === "privileged")) || (data === "no-healthcheck")) || (data === "no-limits")) || (data === "runs-as-root")) || (data === "secret-in-plain-text")) || (data === "allowed-registries"))){
const err0 = {instancePath,keyword:"enum",params:{allowedValues: schema50.enum}};
vErrors = collect(vErrors, err0);
errors++;
}
validate171.errors = vErrors;
return errors === 0;
}
validate171.evaluated = {"dynamicProps":false,"dynamicItems":false};

const pattern23 = new RegExp("^[a-zA-Z0-9][a-zA-Z0-9_.-]*$", "u");
const pattern24 = new RegExp("^\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])$", "u");

function validate161(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate161.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.hosts === undefined){
const err0 = {instancePath,keyword:"required",params:{missingProperty: "hosts"}};
vErrors = collect(vErrors, err0);
errors++;
}
for(const key0 in data){
if(!(func2.call(schema49.properties, key0))){
const err1 = {instancePath,keyword:"additionalProperties",params:{additionalProperty: key0}};
vErrors = collect(vErrors, err1);
errors++;
}
}
if(data.hosts !== undefined){
let data0 = data.hosts;
const _errs3 = errors;
let valid1 = false;
let passing0 = null;
const _errs4 = errors;
if("all" !== data0){
const err2 = {instancePath:instancePath+"/hosts",keyword:"const",params:{allowedValue: "all"}};
vErrors = collect(vErrors, err2);
errors++;
}
var _valid0 = _errs4 === errors;
if(_valid0){
valid1 = true;
passing0 = 0;
}
const _errs5 = errors;
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
if(data0.labels === undefined){
const err3 = {instancePath:instancePath+"/hosts",keyword:"required",params:{missingProperty: "labels"}};
vErrors = collect(vErrors, err3);
errors++;
}
for(const key1 in data0){
if(!(key1 === "labels")){
const err4 = {instancePath:instancePath+"/hosts",keyword:"additionalProperties",params:{additionalProperty: key1}};
vErrors = collect(vErrors, err4);
errors++;
}
}
if(data0.labels !== undefined){
let data1 = data0.labels;
if(!(validate63(data1, {instancePath:instancePath+"/hosts/labels",parentData:data0,parentDataProperty:"labels",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate63.errors : vErrors.concat(validate63.errors);
errors = vErrors.length;
}
if(data1 && typeof data1 == "object" && !Array.isArray(data1)){
if(Object.keys(data1).length < 1){
const err5 = {instancePath:instancePath+"/hosts/labels",keyword:"minProperties",params:{limit: 1}};
vErrors = collect(vErrors, err5);
errors++;
}
}
else {
const err6 = {instancePath:instancePath+"/hosts/labels",keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err6);
errors++;
}
}
}
else {
const err7 = {instancePath:instancePath+"/hosts",keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err7);
errors++;
}
var _valid0 = _errs5 === errors;
if(_valid0 && valid1){
valid1 = false;
passing0 = [passing0, 1];
}
else {
if(_valid0){
valid1 = true;
passing0 = 1;
var props0 = true;
}
const _errs10 = errors;
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
if(data0.names === undefined){
const err8 = {instancePath:instancePath+"/hosts",keyword:"required",params:{missingProperty: "names"}};
vErrors = collect(vErrors, err8);
errors++;
}
for(const key2 in data0){
if(!(key2 === "names")){
const err9 = {instancePath:instancePath+"/hosts",keyword:"additionalProperties",params:{additionalProperty: key2}};
vErrors = collect(vErrors, err9);
errors++;
}
}
if(data0.names !== undefined){
let data2 = data0.names;
if(Array.isArray(data2)){
if(data2.length < 1){
const err10 = {instancePath:instancePath+"/hosts/names",keyword:"minItems",params:{limit: 1}};
vErrors = collect(vErrors, err10);
errors++;
}
const len0 = data2.length;
for(let i0=0; i0<len0; i0++){
if(!(validate97(data2[i0], {instancePath:instancePath+"/hosts/names/" + i0,parentData:data2,parentDataProperty:i0,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate97.errors : vErrors.concat(validate97.errors);
errors = vErrors.length;
}
}
let i1 = data2.length;
let j0;
if(i1 > 1){
outer0:
for(;i1--;){
for(j0 = i1; j0--;){
if(func0(data2[i1], data2[j0])){
const err11 = {instancePath:instancePath+"/hosts/names",keyword:"uniqueItems",params:{i: i1, j: j0}};
vErrors = collect(vErrors, err11);
errors++;
break outer0;
}
}
}
}
}
else {
const err12 = {instancePath:instancePath+"/hosts/names",keyword:"type",params:{type: "array"}};
vErrors = collect(vErrors, err12);
errors++;
}
}
}
else {
const err13 = {instancePath:instancePath+"/hosts",keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err13);
errors++;
}
var _valid0 = _errs10 === errors;
if(_valid0 && valid1){
valid1 = false;
passing0 = [passing0, 2];
}
else {
if(_valid0){
valid1 = true;
passing0 = 2;
if(props0 !== true){
props0 = true;
}
}
}
}
if(!valid1){
const err14 = {instancePath:instancePath+"/hosts",keyword:"oneOf",params:{passingSchemas: passing0}};
vErrors = collect(vErrors, err14);
errors++;
}
else {
errors = _errs3;
if(vErrors !== null){
if(_errs3){
vErrors.length = _errs3;
}
else {
vErrors = null;
}
}
}
}
if(data.root !== undefined){
if(!(validate86(data.root, {instancePath:instancePath+"/root",parentData:data,parentDataProperty:"root",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate86.errors : vErrors.concat(validate86.errors);
errors = vErrors.length;
}
}
if(data.compose !== undefined){
let data5 = data.compose;
if(data5 && typeof data5 == "object" && !Array.isArray(data5)){
for(const key3 in data5){
if(!(((key3 === "files") || (key3 === "profiles")) || (key3 === "envFiles"))){
const err15 = {instancePath:instancePath+"/compose",keyword:"additionalProperties",params:{additionalProperty: key3}};
vErrors = collect(vErrors, err15);
errors++;
}
}
if(data5.files !== undefined){
let data6 = data5.files;
if(Array.isArray(data6)){
if(data6.length < 1){
const err16 = {instancePath:instancePath+"/compose/files",keyword:"minItems",params:{limit: 1}};
vErrors = collect(vErrors, err16);
errors++;
}
const len1 = data6.length;
for(let i2=0; i2<len1; i2++){
if(!(validate90(data6[i2], {instancePath:instancePath+"/compose/files/" + i2,parentData:data6,parentDataProperty:i2,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate90.errors : vErrors.concat(validate90.errors);
errors = vErrors.length;
}
}
let i3 = data6.length;
let j1;
if(i3 > 1){
outer1:
for(;i3--;){
for(j1 = i3; j1--;){
if(func0(data6[i3], data6[j1])){
const err17 = {instancePath:instancePath+"/compose/files",keyword:"uniqueItems",params:{i: i3, j: j1}};
vErrors = collect(vErrors, err17);
errors++;
break outer1;
}
}
}
}
}
else {
const err18 = {instancePath:instancePath+"/compose/files",keyword:"type",params:{type: "array"}};
vErrors = collect(vErrors, err18);
errors++;
}
}
if(data5.profiles !== undefined){
let data8 = data5.profiles;
if(Array.isArray(data8)){
const len2 = data8.length;
for(let i4=0; i4<len2; i4++){
let data9 = data8[i4];
if(typeof data9 === "string"){
if(!pattern23.test(data9)){
const err19 = {instancePath:instancePath+"/compose/profiles/" + i4,keyword:"pattern",params:{}};
vErrors = collect(vErrors, err19);
errors++;
}
}
else {
const err20 = {instancePath:instancePath+"/compose/profiles/" + i4,keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err20);
errors++;
}
}
let i5 = data8.length;
let j2;
if(i5 > 1){
const indices0 = {};
for(;i5--;){
let item0 = data8[i5];
if(typeof item0 !== "string"){
continue;
}
if(typeof indices0[item0] == "number"){
j2 = indices0[item0];
const err21 = {instancePath:instancePath+"/compose/profiles",keyword:"uniqueItems",params:{i: i5, j: j2}};
vErrors = collect(vErrors, err21);
errors++;
break;
}
indices0[item0] = i5;
}
}
}
else {
const err22 = {instancePath:instancePath+"/compose/profiles",keyword:"type",params:{type: "array"}};
vErrors = collect(vErrors, err22);
errors++;
}
}
if(data5.envFiles !== undefined){
let data10 = data5.envFiles;
if(Array.isArray(data10)){
const len3 = data10.length;
for(let i6=0; i6<len3; i6++){
if(!(validate90(data10[i6], {instancePath:instancePath+"/compose/envFiles/" + i6,parentData:data10,parentDataProperty:i6,rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate90.errors : vErrors.concat(validate90.errors);
errors = vErrors.length;
}
}
let i7 = data10.length;
let j3;
if(i7 > 1){
outer2:
for(;i7--;){
for(j3 = i7; j3--;){
if(func0(data10[i7], data10[j3])){
const err23 = {instancePath:instancePath+"/compose/envFiles",keyword:"uniqueItems",params:{i: i7, j: j3}};
vErrors = collect(vErrors, err23);
errors++;
break outer2;
}
}
}
}
}
else {
const err24 = {instancePath:instancePath+"/compose/envFiles",keyword:"type",params:{type: "array"}};
vErrors = collect(vErrors, err24);
errors++;
}
}
}
else {
const err25 = {instancePath:instancePath+"/compose",keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err25);
errors++;
}
}
if(data.vars !== undefined){
if(!(validate56(data.vars, {instancePath:instancePath+"/vars",parentData:data,parentDataProperty:"vars",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate56.errors : vErrors.concat(validate56.errors);
errors = vErrors.length;
}
}
if(data.secrets !== undefined){
if(!(validate89(data.secrets, {instancePath:instancePath+"/secrets",parentData:data,parentDataProperty:"secrets",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate89.errors : vErrors.concat(validate89.errors);
errors = vErrors.length;
}
}
if(data.hostEnvFiles !== undefined){
if(!(validate93(data.hostEnvFiles, {instancePath:instancePath+"/hostEnvFiles",parentData:data,parentDataProperty:"hostEnvFiles",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate93.errors : vErrors.concat(validate93.errors);
errors = vErrors.length;
}
}
if(data.dependsOn !== undefined){
if(!(validate96(data.dependsOn, {instancePath:instancePath+"/dependsOn",parentData:data,parentDataProperty:"dependsOn",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate96.errors : vErrors.concat(validate96.errors);
errors = vErrors.length;
}
}
if(data.policyExceptions !== undefined){
let data16 = data.policyExceptions;
if(Array.isArray(data16)){
const len4 = data16.length;
for(let i8=0; i8<len4; i8++){
let data17 = data16[i8];
if(data17 && typeof data17 == "object" && !Array.isArray(data17)){
if(data17.rule === undefined){
const err26 = {instancePath:instancePath+"/policyExceptions/" + i8,keyword:"required",params:{missingProperty: "rule"}};
vErrors = collect(vErrors, err26);
errors++;
}
if(data17.reason === undefined){
const err27 = {instancePath:instancePath+"/policyExceptions/" + i8,keyword:"required",params:{missingProperty: "reason"}};
vErrors = collect(vErrors, err27);
errors++;
}
if(data17.expires === undefined){
const err28 = {instancePath:instancePath+"/policyExceptions/" + i8,keyword:"required",params:{missingProperty: "expires"}};
vErrors = collect(vErrors, err28);
errors++;
}
for(const key4 in data17){
if(!((((key4 === "rule") || (key4 === "service")) || (key4 === "reason")) || (key4 === "expires"))){
const err29 = {instancePath:instancePath+"/policyExceptions/" + i8,keyword:"additionalProperties",params:{additionalProperty: key4}};
vErrors = collect(vErrors, err29);
errors++;
}
}
if(data17.rule !== undefined){
if(!(validate171(data17.rule, {instancePath:instancePath+"/policyExceptions/" + i8+"/rule",parentData:data17,parentDataProperty:"rule",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate171.errors : vErrors.concat(validate171.errors);
errors = vErrors.length;
}
}
if(data17.service !== undefined){
let data19 = data17.service;
if(typeof data19 === "string"){
if(func1(data19) < 1){
const err30 = {instancePath:instancePath+"/policyExceptions/" + i8+"/service",keyword:"minLength",params:{limit: 1}};
vErrors = collect(vErrors, err30);
errors++;
}
}
else {
const err31 = {instancePath:instancePath+"/policyExceptions/" + i8+"/service",keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err31);
errors++;
}
}
if(data17.reason !== undefined){
let data20 = data17.reason;
if(typeof data20 === "string"){
if(func1(data20) < 1){
const err32 = {instancePath:instancePath+"/policyExceptions/" + i8+"/reason",keyword:"minLength",params:{limit: 1}};
vErrors = collect(vErrors, err32);
errors++;
}
}
else {
const err33 = {instancePath:instancePath+"/policyExceptions/" + i8+"/reason",keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err33);
errors++;
}
}
if(data17.expires !== undefined){
let data21 = data17.expires;
if(typeof data21 === "string"){
if(!pattern24.test(data21)){
const err34 = {instancePath:instancePath+"/policyExceptions/" + i8+"/expires",keyword:"pattern",params:{}};
vErrors = collect(vErrors, err34);
errors++;
}
}
else {
const err35 = {instancePath:instancePath+"/policyExceptions/" + i8+"/expires",keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err35);
errors++;
}
}
}
else {
const err36 = {instancePath:instancePath+"/policyExceptions/" + i8,keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err36);
errors++;
}
}
}
else {
const err37 = {instancePath:instancePath+"/policyExceptions",keyword:"type",params:{type: "array"}};
vErrors = collect(vErrors, err37);
errors++;
}
}
if(data.requires !== undefined){
if(!(validate100(data.requires, {instancePath:instancePath+"/requires",parentData:data,parentDataProperty:"requires",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate100.errors : vErrors.concat(validate100.errors);
errors = vErrors.length;
}
}
if(data.drift !== undefined){
if(!(validate106(data.drift, {instancePath:instancePath+"/drift",parentData:data,parentDataProperty:"drift",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate106.errors : vErrors.concat(validate106.errors);
errors = vErrors.length;
}
}
if(data.onChange !== undefined){
if(!(validate130(data.onChange, {instancePath:instancePath+"/onChange",parentData:data,parentDataProperty:"onChange",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate130.errors : vErrors.concat(validate130.errors);
errors = vErrors.length;
}
}
if(data.verify !== undefined){
if(!(validate132(data.verify, {instancePath:instancePath+"/verify",parentData:data,parentDataProperty:"verify",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate132.errors : vErrors.concat(validate132.errors);
errors = vErrors.length;
}
}
if(data.rollback !== undefined){
if(!(validate141(data.rollback, {instancePath:instancePath+"/rollback",parentData:data,parentDataProperty:"rollback",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate141.errors : vErrors.concat(validate141.errors);
errors = vErrors.length;
}
}
if(data.adopt !== undefined){
if(!(validate143(data.adopt, {instancePath:instancePath+"/adopt",parentData:data,parentDataProperty:"adopt",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate143.errors : vErrors.concat(validate143.errors);
errors = vErrors.length;
}
}
if(data.hooks !== undefined){
if(!(validate145(data.hooks, {instancePath:instancePath+"/hooks",parentData:data,parentDataProperty:"hooks",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate145.errors : vErrors.concat(validate145.errors);
errors = vErrors.length;
}
}
if(data.jobs !== undefined){
if(!(validate151(data.jobs, {instancePath:instancePath+"/jobs",parentData:data,parentDataProperty:"jobs",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate151.errors : vErrors.concat(validate151.errors);
errors = vErrors.length;
}
}
}
else {
const err38 = {instancePath,keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err38);
errors++;
}
validate161.errors = vErrors;
return errors === 0;
}
validate161.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

export const agent = validate181;
const schema51 = {"type":"object","additionalProperties":false,"required":["repository"],"properties":{"host":{"$ref":"#/$defs/common.schema.json.name"},"repository":{"type":"object","additionalProperties":false,"required":["url"],"properties":{"url":{"type":"string","minLength":1},"branch":{"type":"string","minLength":1},"tag":{"type":"string","minLength":1},"path":{"$ref":"#/$defs/common.schema.json.innerPath"},"tokenFile":{"$ref":"#/$defs/common.schema.json.hostPath"},"username":{"type":"string","minLength":1},"sshKeyFile":{"$ref":"#/$defs/common.schema.json.hostPath"},"knownHostsFile":{"$ref":"#/$defs/common.schema.json.hostPath"},"caFile":{"$ref":"#/$defs/common.schema.json.hostPath"},"allowedSigners":{"$ref":"#/$defs/common.schema.json.hostPath"},"gpgKeyring":{"$ref":"#/$defs/common.schema.json.hostPath"},"allowForcePush":{"type":"boolean"}},"not":{"required":["branch","tag"]}},"interval":{"$ref":"#/$defs/common.schema.json.duration"},"listen":{"type":"string","pattern":"^(\\[[0-9A-Fa-f:.]+\\]|[0-9A-Za-z._-]*):(\\d{1,4}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])$"},"tokenFile":{"$ref":"#/$defs/common.schema.json.hostPath"},"tls":{"type":"object","additionalProperties":false,"required":["certFile","keyFile"],"properties":{"certFile":{"$ref":"#/$defs/common.schema.json.hostPath"},"keyFile":{"$ref":"#/$defs/common.schema.json.hostPath"}}},"allowedHosts":{"type":"array","items":{"type":"string","pattern":"^(\\[[0-9A-Fa-f:.]+\\]|[0-9A-Za-z._-]+)$"}},"webhookSecretFile":{"$ref":"#/$defs/common.schema.json.hostPath"},"ageKeyFile":{"$ref":"#/$defs/common.schema.json.hostPath"},"docker":{"type":"object","additionalProperties":false,"properties":{"socket":{"$ref":"#/$defs/common.schema.json.hostPath"},"configFile":{"$ref":"#/$defs/common.schema.json.hostPath"}}},"hostEnvDir":{"$ref":"#/$defs/common.schema.json.hostPath"},"policy":{"$ref":"#/$defs/common.schema.json.policy"},"stateDir":{"$ref":"#/$defs/common.schema.json.hostPath"},"runtimeDir":{"$ref":"#/$defs/common.schema.json.hostPath"},"log":{"type":"object","additionalProperties":false,"properties":{"level":{"enum":["debug","info","warn","error"]}}}}};
const pattern25 = new RegExp("^(\\[[0-9A-Fa-f:.]+\\]|[0-9A-Za-z._-]*):(\\d{1,4}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])$", "u");
const pattern26 = new RegExp("^(\\[[0-9A-Fa-f:.]+\\]|[0-9A-Za-z._-]+)$", "u");

function validate181(data, {instancePath="", parentData, parentDataProperty, rootData=data, dynamicAnchors={}}={}){
let vErrors = null;
let errors = 0;
const evaluated0 = validate181.evaluated;
if(evaluated0.dynamicProps){
evaluated0.props = undefined;
}
if(evaluated0.dynamicItems){
evaluated0.items = undefined;
}
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.repository === undefined){
const err0 = {instancePath,keyword:"required",params:{missingProperty: "repository"}};
vErrors = collect(vErrors, err0);
errors++;
}
for(const key0 in data){
if(!(func2.call(schema51.properties, key0))){
const err1 = {instancePath,keyword:"additionalProperties",params:{additionalProperty: key0}};
vErrors = collect(vErrors, err1);
errors++;
}
}
if(data.host !== undefined){
if(!(validate97(data.host, {instancePath:instancePath+"/host",parentData:data,parentDataProperty:"host",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate97.errors : vErrors.concat(validate97.errors);
errors = vErrors.length;
}
}
if(data.repository !== undefined){
let data1 = data.repository;
const _errs5 = errors;
const _errs6 = errors;
if(data1 && typeof data1 == "object" && !Array.isArray(data1)){
let missing0;
if(((data1.branch === undefined) && (missing0 = "branch")) || ((data1.tag === undefined) && (missing0 = "tag"))){
const err2 = {};
vErrors = collect(vErrors, err2);
errors++;
}
}
var valid1 = _errs6 === errors;
if(valid1){
const err3 = {instancePath:instancePath+"/repository",keyword:"not",params:{}};
vErrors = collect(vErrors, err3);
errors++;
}
else {
errors = _errs5;
if(vErrors !== null){
if(_errs5){
vErrors.length = _errs5;
}
else {
vErrors = null;
}
}
}
if(data1 && typeof data1 == "object" && !Array.isArray(data1)){
if(data1.url === undefined){
const err4 = {instancePath:instancePath+"/repository",keyword:"required",params:{missingProperty: "url"}};
vErrors = collect(vErrors, err4);
errors++;
}
for(const key1 in data1){
if(!(func2.call(schema51.properties.repository.properties, key1))){
const err5 = {instancePath:instancePath+"/repository",keyword:"additionalProperties",params:{additionalProperty: key1}};
vErrors = collect(vErrors, err5);
errors++;
}
}
if(data1.url !== undefined){
let data2 = data1.url;
if(typeof data2 === "string"){
if(func1(data2) < 1){
const err6 = {instancePath:instancePath+"/repository/url",keyword:"minLength",params:{limit: 1}};
vErrors = collect(vErrors, err6);
errors++;
}
}
else {
const err7 = {instancePath:instancePath+"/repository/url",keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err7);
errors++;
}
}
if(data1.branch !== undefined){
let data3 = data1.branch;
if(typeof data3 === "string"){
if(func1(data3) < 1){
const err8 = {instancePath:instancePath+"/repository/branch",keyword:"minLength",params:{limit: 1}};
vErrors = collect(vErrors, err8);
errors++;
}
}
else {
const err9 = {instancePath:instancePath+"/repository/branch",keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err9);
errors++;
}
}
if(data1.tag !== undefined){
let data4 = data1.tag;
if(typeof data4 === "string"){
if(func1(data4) < 1){
const err10 = {instancePath:instancePath+"/repository/tag",keyword:"minLength",params:{limit: 1}};
vErrors = collect(vErrors, err10);
errors++;
}
}
else {
const err11 = {instancePath:instancePath+"/repository/tag",keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err11);
errors++;
}
}
if(data1.path !== undefined){
if(!(validate90(data1.path, {instancePath:instancePath+"/repository/path",parentData:data1,parentDataProperty:"path",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate90.errors : vErrors.concat(validate90.errors);
errors = vErrors.length;
}
}
if(data1.tokenFile !== undefined){
if(!(validate67(data1.tokenFile, {instancePath:instancePath+"/repository/tokenFile",parentData:data1,parentDataProperty:"tokenFile",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate67.errors : vErrors.concat(validate67.errors);
errors = vErrors.length;
}
}
if(data1.username !== undefined){
let data7 = data1.username;
if(typeof data7 === "string"){
if(func1(data7) < 1){
const err12 = {instancePath:instancePath+"/repository/username",keyword:"minLength",params:{limit: 1}};
vErrors = collect(vErrors, err12);
errors++;
}
}
else {
const err13 = {instancePath:instancePath+"/repository/username",keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err13);
errors++;
}
}
if(data1.sshKeyFile !== undefined){
if(!(validate67(data1.sshKeyFile, {instancePath:instancePath+"/repository/sshKeyFile",parentData:data1,parentDataProperty:"sshKeyFile",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate67.errors : vErrors.concat(validate67.errors);
errors = vErrors.length;
}
}
if(data1.knownHostsFile !== undefined){
if(!(validate67(data1.knownHostsFile, {instancePath:instancePath+"/repository/knownHostsFile",parentData:data1,parentDataProperty:"knownHostsFile",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate67.errors : vErrors.concat(validate67.errors);
errors = vErrors.length;
}
}
if(data1.caFile !== undefined){
if(!(validate67(data1.caFile, {instancePath:instancePath+"/repository/caFile",parentData:data1,parentDataProperty:"caFile",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate67.errors : vErrors.concat(validate67.errors);
errors = vErrors.length;
}
}
if(data1.allowedSigners !== undefined){
if(!(validate67(data1.allowedSigners, {instancePath:instancePath+"/repository/allowedSigners",parentData:data1,parentDataProperty:"allowedSigners",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate67.errors : vErrors.concat(validate67.errors);
errors = vErrors.length;
}
}
if(data1.gpgKeyring !== undefined){
if(!(validate67(data1.gpgKeyring, {instancePath:instancePath+"/repository/gpgKeyring",parentData:data1,parentDataProperty:"gpgKeyring",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate67.errors : vErrors.concat(validate67.errors);
errors = vErrors.length;
}
}
if(data1.allowForcePush !== undefined){
if(typeof data1.allowForcePush !== "boolean"){
const err14 = {instancePath:instancePath+"/repository/allowForcePush",keyword:"type",params:{type: "boolean"}};
vErrors = collect(vErrors, err14);
errors++;
}
}
}
else {
const err15 = {instancePath:instancePath+"/repository",keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err15);
errors++;
}
}
if(data.interval !== undefined){
if(!(validate54(data.interval, {instancePath:instancePath+"/interval",parentData:data,parentDataProperty:"interval",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate54.errors : vErrors.concat(validate54.errors);
errors = vErrors.length;
}
}
if(data.listen !== undefined){
let data15 = data.listen;
if(typeof data15 === "string"){
if(!pattern25.test(data15)){
const err16 = {instancePath:instancePath+"/listen",keyword:"pattern",params:{}};
vErrors = collect(vErrors, err16);
errors++;
}
}
else {
const err17 = {instancePath:instancePath+"/listen",keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err17);
errors++;
}
}
if(data.tokenFile !== undefined){
if(!(validate67(data.tokenFile, {instancePath:instancePath+"/tokenFile",parentData:data,parentDataProperty:"tokenFile",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate67.errors : vErrors.concat(validate67.errors);
errors = vErrors.length;
}
}
if(data.tls !== undefined){
let data17 = data.tls;
if(data17 && typeof data17 == "object" && !Array.isArray(data17)){
if(data17.certFile === undefined){
const err18 = {instancePath:instancePath+"/tls",keyword:"required",params:{missingProperty: "certFile"}};
vErrors = collect(vErrors, err18);
errors++;
}
if(data17.keyFile === undefined){
const err19 = {instancePath:instancePath+"/tls",keyword:"required",params:{missingProperty: "keyFile"}};
vErrors = collect(vErrors, err19);
errors++;
}
for(const key2 in data17){
if(!((key2 === "certFile") || (key2 === "keyFile"))){
const err20 = {instancePath:instancePath+"/tls",keyword:"additionalProperties",params:{additionalProperty: key2}};
vErrors = collect(vErrors, err20);
errors++;
}
}
if(data17.certFile !== undefined){
if(!(validate67(data17.certFile, {instancePath:instancePath+"/tls/certFile",parentData:data17,parentDataProperty:"certFile",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate67.errors : vErrors.concat(validate67.errors);
errors = vErrors.length;
}
}
if(data17.keyFile !== undefined){
if(!(validate67(data17.keyFile, {instancePath:instancePath+"/tls/keyFile",parentData:data17,parentDataProperty:"keyFile",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate67.errors : vErrors.concat(validate67.errors);
errors = vErrors.length;
}
}
}
else {
const err21 = {instancePath:instancePath+"/tls",keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err21);
errors++;
}
}
if(data.allowedHosts !== undefined){
let data20 = data.allowedHosts;
if(Array.isArray(data20)){
const len0 = data20.length;
for(let i0=0; i0<len0; i0++){
let data21 = data20[i0];
if(typeof data21 === "string"){
if(!pattern26.test(data21)){
const err22 = {instancePath:instancePath+"/allowedHosts/" + i0,keyword:"pattern",params:{}};
vErrors = collect(vErrors, err22);
errors++;
}
}
else {
const err23 = {instancePath:instancePath+"/allowedHosts/" + i0,keyword:"type",params:{type: "string"}};
vErrors = collect(vErrors, err23);
errors++;
}
}
}
else {
const err24 = {instancePath:instancePath+"/allowedHosts",keyword:"type",params:{type: "array"}};
vErrors = collect(vErrors, err24);
errors++;
}
}
if(data.webhookSecretFile !== undefined){
if(!(validate67(data.webhookSecretFile, {instancePath:instancePath+"/webhookSecretFile",parentData:data,parentDataProperty:"webhookSecretFile",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate67.errors : vErrors.concat(validate67.errors);
errors = vErrors.length;
}
}
if(data.ageKeyFile !== undefined){
if(!(validate67(data.ageKeyFile, {instancePath:instancePath+"/ageKeyFile",parentData:data,parentDataProperty:"ageKeyFile",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate67.errors : vErrors.concat(validate67.errors);
errors = vErrors.length;
}
}
if(data.docker !== undefined){
let data24 = data.docker;
if(data24 && typeof data24 == "object" && !Array.isArray(data24)){
for(const key3 in data24){
if(!((key3 === "socket") || (key3 === "configFile"))){
const err25 = {instancePath:instancePath+"/docker",keyword:"additionalProperties",params:{additionalProperty: key3}};
vErrors = collect(vErrors, err25);
errors++;
}
}
if(data24.socket !== undefined){
if(!(validate67(data24.socket, {instancePath:instancePath+"/docker/socket",parentData:data24,parentDataProperty:"socket",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate67.errors : vErrors.concat(validate67.errors);
errors = vErrors.length;
}
}
if(data24.configFile !== undefined){
if(!(validate67(data24.configFile, {instancePath:instancePath+"/docker/configFile",parentData:data24,parentDataProperty:"configFile",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate67.errors : vErrors.concat(validate67.errors);
errors = vErrors.length;
}
}
}
else {
const err26 = {instancePath:instancePath+"/docker",keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err26);
errors++;
}
}
if(data.hostEnvDir !== undefined){
if(!(validate67(data.hostEnvDir, {instancePath:instancePath+"/hostEnvDir",parentData:data,parentDataProperty:"hostEnvDir",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate67.errors : vErrors.concat(validate67.errors);
errors = vErrors.length;
}
}
if(data.policy !== undefined){
if(!(validate73(data.policy, {instancePath:instancePath+"/policy",parentData:data,parentDataProperty:"policy",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate73.errors : vErrors.concat(validate73.errors);
errors = vErrors.length;
}
}
if(data.stateDir !== undefined){
if(!(validate67(data.stateDir, {instancePath:instancePath+"/stateDir",parentData:data,parentDataProperty:"stateDir",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate67.errors : vErrors.concat(validate67.errors);
errors = vErrors.length;
}
}
if(data.runtimeDir !== undefined){
if(!(validate67(data.runtimeDir, {instancePath:instancePath+"/runtimeDir",parentData:data,parentDataProperty:"runtimeDir",rootData,dynamicAnchors}))){
vErrors = vErrors === null ? validate67.errors : vErrors.concat(validate67.errors);
errors = vErrors.length;
}
}
if(data.log !== undefined){
let data31 = data.log;
if(data31 && typeof data31 == "object" && !Array.isArray(data31)){
for(const key4 in data31){
if(!(key4 === "level")){
const err27 = {instancePath:instancePath+"/log",keyword:"additionalProperties",params:{additionalProperty: key4}};
vErrors = collect(vErrors, err27);
errors++;
}
}
if(data31.level !== undefined){
let data32 = data31.level;
if(!((((data32 === "debug") || (data32 === "info")) || (data32 === "warn")) || (data32 === "error"))){
const err28 = {instancePath:instancePath+"/log/level",keyword:"enum",params:{allowedValues: schema51.properties.log.properties.level.enum}};
vErrors = collect(vErrors, err28);
errors++;
}
}
}
else {
const err29 = {instancePath:instancePath+"/log",keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err29);
errors++;
}
}
}
else {
const err30 = {instancePath,keyword:"type",params:{type: "object"}};
vErrors = collect(vErrors, err30);
errors++;
}
validate181.errors = vErrors;
return errors === 0;
}
validate181.evaluated = {"props":true,"dynamicProps":false,"dynamicItems":false};

function collect(errors, error) {
if(errors === null) return [error];
errors.push(error);
return errors;
}

