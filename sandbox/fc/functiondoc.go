package fc

// functionTime is how 2.0 spells the times of functions; 3.0 has timeFormat
// for them, too.
const functionTime = "2006-01-02T15:04:05.000+0000"

// functionDocument is what the two APIs say of a function in the same words.
type functionDocument struct {
	FunctionName         string            `json:"functionName"`
	FunctionID           string            `json:"functionId"`
	Description          string            `json:"description"`
	Runtime              string            `json:"runtime"`
	Handler              string            `json:"handler"`
	MemorySize           int64             `json:"memorySize"`
	Timeout              int64             `json:"timeout"`
	EnvironmentVariables map[string]string `json:"environmentVariables"`
	CodeChecksum         string            `json:"codeChecksum"`
	CodeSize             int64             `json:"codeSize"`
	CreatedTime          string            `json:"createdTime"`
	LastModifiedTime     string            `json:"lastModifiedTime"`
}

// function2 is a function as 2.0 describes it.
type function2 struct {
	functionDocument
	Layers      []string `json:"layers"`
	LayersArnV2 []string `json:"layersArnV2"`
}

// function3 is a function as 3.0 describes it.
type function3 struct {
	functionDocument
	FunctionArn      string          `json:"functionArn"`
	Role             string          `json:"role"`
	InternetAccess   bool            `json:"internetAccess"`
	State            string          `json:"state"`
	LastUpdateStatus string          `json:"lastUpdateStatus"`
	Layers           []functionLayer `json:"layers"`
}

type functionLayer struct {
	Arn  string `json:"arn"`
	Size int64  `json:"size"`
}

// describeFunction returns the document of a function in the API of the
// request.
func (s *Service) describeFunction(x *exchange, f *deployed) any {
	format := timeFormat
	if x.api == api2 {
		format = functionTime
	}
	doc := functionDocument{
		FunctionName: f.nameIn(x.api), FunctionID: f.ID, Description: f.Description, Runtime: f.Runtime, Handler: f.Handler,
		MemorySize: f.Memory, Timeout: f.Timeout, EnvironmentVariables: f.Env,
		CodeChecksum: f.Code.CRC, CodeSize: f.Code.Size,
		CreatedTime: f.Created.UTC().Format(format), LastModifiedTime: f.Modified.UTC().Format(format),
	}
	if x.api == api2 {
		doc := function2{functionDocument: doc, Layers: []string{}, LayersArnV2: []string{}}
		for _, m := range f.Layers {
			doc.Layers, doc.LayersArnV2 = append(doc.Layers, m.OldArn), append(doc.LayersArnV2, m.Arn)
		}
		return doc
	}
	layers := []functionLayer{}
	for _, m := range f.Layers {
		layers = append(layers, functionLayer{m.Arn, m.Size})
	}
	return function3{functionDocument: doc, FunctionArn: functionID{f.Account, f.Region, "", doc.FunctionName}.arn(), Role: f.Role, InternetAccess: true,
		State: "Active", LastUpdateStatus: "Successful", Layers: layers}
}
